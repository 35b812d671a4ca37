/** One process of a Kubernetes server under test: it dies with the test that started it, and it can be frozen. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mortal } from "./mortal.ts";

/** What is shown of its log when it does not come up. */
const SHOWN_OF_LOG = 2_000;

export class KubernetesProcess {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #logFile: string;
  #child: ChildProcess | undefined;

  constructor(command: string, args: readonly string[], logFile: string) {
    this.#command = command;
    this.#args = args;
    this.#logFile = logFile;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Of the running process. */
  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  /** What it wrote last. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8").slice(-SHOWN_OF_LOG);
  }

  start(): void {
    if (this.isRunning) return;
    const log = openSync(this.#logFile, "a");
    try {
      this.#child = spawn(...mortal(this.#command, this.#args), { stdio: ["ignore", log, log] });
    } finally {
      closeSync(log);
    }
  }

  /** Stopping in good order takes an API server up to a minute while watches are open. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || !this.isRunning) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }
}
