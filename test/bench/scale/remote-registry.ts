/** A registry of the scale bench as it is written from here, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { cores, pinned, stop } from "../measure.ts";
import type { ReadFrom, RegistryOrder } from "./registry.ts";

export class RemoteRegistry implements AsyncDisposable {
  readonly name: string;
  readonly readFrom: ReadFrom;
  readonly #child: ChildProcess;
  #settled = 0;

  private constructor(name: string, readFrom: ReadFrom, child: ChildProcess) {
    this.name = name;
    this.readFrom = readFrom;
    this.#child = child;
  }

  /** It ends with its channel to this process, at the latest. */
  static async start(name: string): Promise<RemoteRegistry> {
    const main = join(import.meta.dirname, "registry-main.ts");
    const [program, args] = pinned(cores.load, [process.execPath, "--conditions=source", main, name]);
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const [readFrom] = (await once(child, "message")) as [ReadFrom];
    return new RemoteRegistry(name, readFrom, child);
  }

  /** The service has exactly these addresses, soon; instances of the same number keep their id. */
  put(service: string, hosts: readonly string[], port: number): void {
    this.#order({ put: service, hosts, port });
  }

  /** One more instance, or another address of one, soon. */
  set(service: string, n: number, host: string, port: number): void {
    this.#order({ set: service, n, host, port });
  }

  /** Resolves when all that was ordered is done. */
  async settled(): Promise<void> {
    const number = ++this.#settled;
    this.#order({ settled: number });
    for (;;) {
      const [answer] = (await once(this.#child, "message")) as [{ readonly settled?: number }];
      if (answer.settled === number) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stop(this.#child);
  }

  #order(order: RegistryOrder): void {
    this.#child.send(order);
  }
}
