/** A real ZooKeeper server on loopback, from Debian's jars, in a folder of its own that goes with it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { eventually } from "../../src/testing/eventually.ts";
import { freePort } from "./free-port.ts";

/** The netty jars are what the package's manifest forgets. */
const JARS = [
  "zookeeper",
  "slf4j-nop",
  "slf4j-api",
  "netty-codec",
  "netty-resolver",
  "netty-transport-native-unix-common",
].map((name) => `/usr/share/java/${name}.jar`);
const START_MS = 30_000;
const ANSWER_MS = 500;

/** What is missing to run it, or `undefined`. */
export function missingForZooKeeper(): string | undefined {
  const jar = JARS.find((each) => !existsSync(each));
  if (jar !== undefined) return `${jar} is missing: npm run servers`;
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, "java"))) ? undefined : "java is missing: npm run servers";
}

export interface ZooKeeperOptions {
  /** In ms. Session timeouts can be 2 to 20 ticks. */
  readonly tickTime?: number;
  /** More lines of `zoo.cfg`. */
  readonly config?: readonly string[];
  /** More options of the JVM. */
  readonly java?: readonly string[];
}

/** Disposing stops it and removes its folder. */
export class ZooKeeperServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #java: readonly string[];
  #process: ChildProcess | undefined;

  constructor(port: number, folder: string, java: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#java = java;
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    const memory = ["-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const args = [...memory, ...this.#java, "-cp", JARS.join(":"), main, join(this.#folder, "zoo.cfg")];
    const child = spawn("java", args, { stdio: "ignore" });
    this.#process = child;
    await eventually(
      `ZooKeeper serves on ${this.port}`,
      async () => {
        if (child.exitCode !== null) throw new Error(`ZooKeeper ended with code ${child.exitCode}`);
        return (await this.#ask("srvr")).includes("Mode:");
      },
      START_MS,
    );
  }

  /** As an operator does. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** The process stands still, its sockets stay. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Ends it and removes its data; `start` begins with nothing. */
  async wipe(): Promise<void> {
    await this.kill();
    await rm(join(this.#folder, "data"), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGCONT");
    child.kill(signal);
    await exited;
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
  const port = await freePort();
  const lines = [
    `tickTime=${options.tickTime ?? 500}`,
    "initLimit=10",
    "syncLimit=5",
    `dataDir=${folder}/data`,
    "clientPortAddress=127.0.0.1",
    `clientPort=${port}`,
    "maxClientCnxns=0",
    "admin.enableServer=false",
    "4lw.commands.whitelist=*",
    "extendedTypesEnabled=true",
    ...(options.config ?? []),
  ];
  await writeFile(join(folder, "zoo.cfg"), `${lines.join("\n")}\n`);
  const server = new ZooKeeperServer(port, folder, options.java ?? []);
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}
