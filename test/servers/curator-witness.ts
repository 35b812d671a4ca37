/** Unmodified Java Curator readers as a process of their own: a query, a ServiceCache and a ServiceProvider. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { curatorClassPath, type CuratorVersion } from "./curator-jars.ts";

/** What the readers have at one moment: ports in their order, joined by commas; `-` for nobody. */
export interface Sight {
  readonly asked: string;
  readonly cached: string;
  readonly provided: string;
  /** How often each of the three has read a node's data until now, in the same order. */
  readonly reads: readonly number[];
  /** How many of these reads failed. */
  readonly failures: number;
  /** The first failure. */
  readonly why: string;
}

const READERS = 3;

export class CuratorWitness implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<void>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    child.stdin.on("error", () => undefined);
    this.#exited = new Promise((resolve) => child.once("close", () => resolve()));
    this.#lines = createInterface({ input: child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Resolves when all three are started. */
  static async start(version: CuratorVersion, connectString: string, base: string, service: string) {
    const heap = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const about = ["-cp", await curatorClassPath("Witness", version), "Witness", connectString, base, service];
    const witness = new CuratorWitness(spawn("java", [...heap, ...about], { stdio: ["pipe", "pipe", "ignore"] }));
    await witness.#next();
    return witness;
  }

  /** Has each of them read. */
  async look(): Promise<Sight> {
    this.#child.stdin.write("\n");
    const [asked = "", cached = "", provided = "", ...counts] = (await this.#next()).split(" ");
    const [failures, why = ""] = counts.slice(READERS);
    return { asked, cached, provided, reads: counts.slice(0, READERS).map(Number), failures: Number(failures), why };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
    this.#lines.close();
  }

  async #next(): Promise<string> {
    const next = await this.#answers.next();
    if (next.done === true) throw new Error("the Curator readers have ended");
    return next.value;
  }
}
