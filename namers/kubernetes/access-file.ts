/** A small file that others replace: read anew when what was read grows old. */
import { open } from "node:fs/promises";
import type { Clock, Log } from "linkspan/plugin";

/** Tokens, certificates and kubeconfigs are far shorter. */
const MAX_BYTES = 4 * 1024 * 1024;
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "it may not be read",
};

export class FreshFile {
  readonly path: string;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  readonly #log: Log;
  #read: { readonly text: string; readonly at: number } | undefined;
  #isBroken = false;

  constructor(path: string, maxAgeMs: number, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.path = path;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
    this.#log = log;
  }

  /** What it holds. Rejects where it could never be read; later, what was read last stays. */
  async text(): Promise<string> {
    const kept = this.#read;
    const now = this.#clock.now();
    if (kept !== undefined && now - kept.at < this.#maxAgeMs) return kept.text;
    try {
      const text = await readBounded(this.path);
      this.#isBroken = false;
      this.#read = { text, at: now };
      return text;
    } catch (error) {
      if (kept === undefined) throw error;
      if (!this.#isBroken) this.#log.warn("kubernetes.kept", { cause: (error as Error).message });
      this.#isBroken = true;
      this.#read = { text: kept.text, at: now };
      return kept.text;
    }
  }

  /** The next one that asks has it read. */
  expire(): void {
    if (this.#read !== undefined) this.#read = { text: this.#read.text, at: -Infinity };
  }
}

/** Rejects with an Error that names the file; its `code` is the system's. */
export async function readBounded(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes; at most ${MAX_BYTES} are read`);
    return await file.readFile("utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(`cannot read ${path}: ${REASONS[code ?? ""] ?? message}`, { cause: error }), {
      code,
    });
  }
}
