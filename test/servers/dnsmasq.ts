/** dnsmasq as a name server on loopback, with records of its own and nobody to ask further, in a folder that goes with it. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { freePort } from "./free-port.ts";
import { missingFor, programs } from "./installed.ts";
import { LocalServer } from "./local-server.ts";

const START_MS = 10_000;
const TRIES = 5;
const PAUSE_MS = 100;

/** What is missing to run it, or `undefined`. */
export const missingForDnsmasq = (): string | undefined => missingFor("dnsmasq");

/** It reads its records once, when it starts: `records` are written, then it is started again. */
export class Dnsmasq extends LocalServer {
  readonly port: number;
  #records: readonly string[] = [];

  private constructor(port: number, folder: string) {
    super(folder);
    this.port = port;
  }

  /** A server that is not started yet. */
  static async make(): Promise<Dnsmasq> {
    return new Dnsmasq(await freePort(), await mkdtemp(join(tmpdir(), "linkspan-dnsmasq-")));
  }

  /** Lines of its configuration, such as `srv-host=_http._tcp.users.test,host.test,8080,0,1`. */
  async write(records: readonly string[]): Promise<void> {
    this.#records = records;
    if (!this.isRunning) return;
    await this.stop();
    await this.start();
  }

  /** Resolves when it serves. A child that still answers over TCP may hold the port for a moment. */
  async start(): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#start();
      } catch (error) {
        await this.stop();
        if (tried === TRIES) throw error;
        await quietFor(PAUSE_MS);
      }
    }
  }

  async #start(): Promise<void> {
    const path = join(this.folder, "dnsmasq.conf");
    await writeFile(path, `${[...this.#settings(), ...this.#records].join("\n")}\n`);
    const args = ["--keep-in-foreground", `--conf-file=${path}`, "--log-facility=/dev/null"];
    const child = this.run(programs.dnsmasq, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
    await eventually(
      `dnsmasq serves on ${this.port}`,
      () => {
        if (child.exitCode !== null) throw new Error(`dnsmasq ended with code ${child.exitCode}: ${said}`);
        return accepts(this.port);
      },
      START_MS,
    );
  }

  /** So that its children end too. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await super[Symbol.asyncDispose]();
  }

  #settings(): readonly string[] {
    return [
      `port=${this.port}`,
      "listen-address=127.0.0.1",
      "bind-interfaces",
      "no-resolv",
      "no-hosts",
      "no-poll",
      "local=/test/",
      "user=",
      "group=",
      "pid-file=",
      "local-ttl=1",
    ];
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const tell = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", tell(true));
    socket.on("error", tell(false));
  });
}
