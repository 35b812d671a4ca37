/** Another proxy on loopback, as a front of linkspan or as its backend, in a folder of its own that goes with it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../src/testing/eventually.ts";

const START_MS = 10_000;

export interface JudgeOptions {
  readonly name: string;
  readonly command: string;
  /** What comes before the configuration's path, which is the last argument. */
  readonly args: (folder: string) => readonly string[];
  readonly config: (folder: string) => string;
  readonly port: number;
  /** Requests that it has read so far, where it can tell. */
  readonly countRequests?: () => Promise<number>;
}

/** Disposing stops it and removes its folder. */
export class Judge implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #countRequests: () => Promise<number>;

  private constructor(child: ChildProcess, folder: string, options: JudgeOptions) {
    this.port = options.port;
    this.#process = child;
    this.#folder = folder;
    this.#countRequests = options.countRequests ?? (() => Promise.reject(new Error(`${options.name} does not count`)));
  }

  /** Resolves when it serves. */
  static async start(options: JudgeOptions): Promise<Judge> {
    const folder = await mkdtemp(join(tmpdir(), "linkspan-judge-"));
    const path = join(folder, "judge.conf");
    await writeFile(path, options.config(folder));
    const child = spawn(options.command, [...options.args(folder), path], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const judge = new Judge(child, folder, options);
    try {
      await eventually(
        `${options.name} serves on ${options.port}`,
        () => {
          if (child.exitCode !== null) throw new Error(`${options.name} ended with code ${child.exitCode}: ${said}`);
          return accepts(options.port);
        },
        START_MS,
      );
    } catch (error) {
      await judge[Symbol.asyncDispose]();
      throw error;
    }
    return judge;
  }

  /** Requests that it has read so far, without the ones that asked for this. */
  countRequests(): Promise<number> {
    return this.#countRequests();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
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
