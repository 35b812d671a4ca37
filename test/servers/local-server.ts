/** A real server under test: one process, and a folder of its own that goes with it. */
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { mortal } from "./mortal.ts";

/** Disposing kills it and removes its folder. */
export abstract class LocalServer implements AsyncDisposable {
  /** Of its own; what `wipe` removes is in `data` there. */
  protected readonly folder: string;
  #process: ChildProcess | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Resolves when it serves. */
  abstract start(): Promise<void>;

  get isRunning(): boolean {
    const child = this.#process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Of the running process. */
  protected get pid(): number | undefined {
    return this.isRunning ? this.#process?.pid : undefined;
  }

  /** The code with which it ended by itself; `undefined` while it runs, and when it was ended. */
  protected get exitCode(): number | undefined {
    return this.#process?.exitCode ?? undefined;
  }

  protected run(command: string, args: readonly string[], options: SpawnOptions = { stdio: "ignore" }): ChildProcess {
    this.#process = spawn(...mortal(command, args), options);
    return this.#process;
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
    await rm(join(this.folder, "data"), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    const isRunning = this.isRunning;
    this.#process = undefined;
    if (!child || !isRunning) return;
    const exited = once(child, "exit");
    child.kill("SIGCONT");
    child.kill(signal);
    await exited;
  }
}
