/** A real ZooKeeper server on loopback, from Debian's jars, in a folder of its own that goes with it. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { eventually } from "../../src/testing/eventually.ts";
import { freePort } from "./free-port.ts";
import { LocalServer } from "./local-server.ts";
import { classPathOf, type Generation } from "./zookeeper-jars.ts";

export { missingForZooKeeper } from "./zookeeper-jars.ts";

const START_MS = 30_000;
const ANSWER_MS = 500;

export interface ZooKeeperOptions {
  /** 3.8 if it is not said. */
  readonly generation?: Generation;
  /** In ms. Session timeouts can be 2 to 20 ticks. */
  readonly tickTime?: number;
  /** More lines of `zoo.cfg`. */
  readonly config?: readonly string[];
  /** More options of the JVM. */
  readonly java?: readonly string[];
  /** Whether `setClock` works; needs faketime. */
  readonly faketime?: boolean;
}

/** One of an ensemble: its number, and how each knows all. */
export interface Membership {
  readonly id: number;
  readonly config: readonly string[];
}

export class ZooKeeperServer extends LocalServer {
  readonly port: number;
  readonly #options: ZooKeeperOptions;
  readonly #membership: Membership | undefined;

  /** Not started, and nothing is written yet; owns `folder` from now on. */
  constructor(port: number, folder: string, options: ZooKeeperOptions, membership?: Membership) {
    super(folder);
    this.port = port;
    this.#options = options;
    this.#membership = membership;
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    await this.launch();
    await this.serving();
  }

  /** Resolves when the process is there; one of an ensemble serves when there is a quorum. */
  async launch(): Promise<void> {
    await this.#writeFiles();
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    const { java = [], generation = "3.8" } = this.#options;
    const memory = ["-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    // Otherwise 3.4 does not start without log4j.
    const quiet = "-Dzookeeper.jmx.log4j.disable=true";
    const args = [...memory, quiet, ...java, "-cp", classPathOf(generation), main, join(this.folder, "zoo.cfg")];
    this.run("java", args, { stdio: "ignore", env: { ...process.env, ...this.#clockEnvironment() } });
  }

  /** Resolves when it answers with its mode. */
  async serving(): Promise<void> {
    await eventually(`ZooKeeper serves on ${this.port}`, async () => (await this.mode()) !== undefined, START_MS);
  }

  /** `standalone`, `leader`, `follower`, `observer` or `read-only`; `undefined` while it does not serve. Throws once its process has ended by itself. */
  async mode(): Promise<string | undefined> {
    if (this.exitCode !== undefined) throw new Error(`ZooKeeper ended with code ${this.exitCode}`);
    return /^Mode: (\S+)/m.exec(await this.#ask("srvr"))?.[1];
  }

  /** How many watches its clients have there; `undefined` while it does not serve. */
  async watches(): Promise<number | undefined> {
    const count = /^Total watches:(\d+)/m.exec(await this.#ask("wchs"))?.[1];
    return count === undefined ? undefined : Number(count);
  }

  /** Sets its wall clock so far from the true one, within a second and at later starts; ms, may be negative. */
  setClock(offsetMs: number): void {
    if (this.#options.faketime !== true) throw new Error("this ZooKeeper was started without faketime");
    const seconds = offsetMs / 1000;
    writeFileSync(this.#clockFile, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  }

  get #clockFile(): string {
    return join(this.folder, "clock");
  }

  async #writeFiles(): Promise<void> {
    const data = join(this.folder, "data");
    await mkdir(data, { recursive: true });
    if (this.#membership) await writeFile(join(data, "myid"), `${this.#membership.id}\n`);
    const lines = [
      `tickTime=${this.#options.tickTime ?? 500}`,
      "initLimit=10",
      "syncLimit=5",
      `dataDir=${data}`,
      "clientPortAddress=127.0.0.1",
      `clientPort=${this.port}`,
      "maxClientCnxns=0",
      "admin.enableServer=false",
      "4lw.commands.whitelist=*",
      "extendedTypesEnabled=true",
      ...(this.#options.config ?? []),
      ...(this.#membership?.config ?? []),
    ];
    await writeFile(join(this.folder, "zoo.cfg"), `${lines.join("\n")}\n`);
    if (this.#options.faketime === true) await writeFile(this.#clockFile, "+0\n", { flag: "a" });
  }

  /** The program `faketime` would stand between us and the server, so its library is loaded as it does. */
  #clockEnvironment(): NodeJS.ProcessEnv {
    if (this.#options.faketime !== true) return {};
    return {
      LD_PRELOAD: "/usr/$LIB/faketime/libfaketimeMT.so.1",
      FAKETIME_TIMESTAMP_FILE: this.#clockFile,
      // In seconds; without it every look at the clock reads the file, and a start takes 4 s.
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** The answer to one of the four-letter words; "" when nobody answers. */
  async #ask(word: string): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    try {
      await once(socket, "connect");
      // Where nobody listens yet, the system may choose the very port as the caller's own, and connect it to itself.
      if (socket.localPort === this.port) return "";
      socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no answer")));
      socket.write(word);
      return await text(socket);
    } catch {
      return "";
    } finally {
      socket.destroy();
    }
  }
}

export async function startZooKeeper(options: ZooKeeperOptions = {}): Promise<ZooKeeperServer> {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-zookeeper-"));
  const server = new ZooKeeperServer(await freePort(), folder, options);
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}
