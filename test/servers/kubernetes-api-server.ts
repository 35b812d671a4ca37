/** One API server of a cluster under test: its process, and whoever asks it what it may not be asked by others. */
import { KubernetesAdmin } from "./kubernetes-admin.ts";
import type { KubernetesProcess } from "./kubernetes-process.ts";

export class KubernetesApiServer implements AsyncDisposable {
  readonly port: number;
  /** As `admin`, who may do everything. */
  readonly admin: KubernetesAdmin;
  readonly #process: KubernetesProcess;
  readonly #failingChecks: readonly string[];

  constructor(
    port: number,
    process: KubernetesProcess,
    by: { readonly ca: Buffer; readonly token: string; readonly failingChecks: readonly string[] },
  ) {
    this.port = port;
    this.admin = new KubernetesAdmin(port, by.ca, by.token);
    this.#process = process;
    this.#failingChecks = by.failingChecks;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  start(): void {
    this.#process.start();
  }

  async isReady(): Promise<boolean> {
    if (!this.#process.isRunning) throw new Error(`the API server ended: ${this.#process.log}`);
    return this.admin.isReady(this.#failingChecks);
  }

  /** Without a word to its callers. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.admin[Symbol.asyncDispose]();
  }
}
