/** The ACL token: given, or in a file that may change. */
import { readFile, stat } from "node:fs/promises";
import { type Clock, Secret } from "linkspan/plugin";

/** How often the file is looked at, at most. */
const LOOK_EVERY_MS = 1_000;

export class TokenSource {
  readonly #file: string | undefined;
  readonly #clock: Clock;
  #token: Secret | undefined;
  #lookedAt: number | undefined;
  #version: string | undefined;

  constructor(token: Secret | undefined, file: string | undefined, clock: Clock) {
    this.#token = token;
    this.#file = file;
    this.#clock = clock;
  }

  /** Rejects while there is no token and the file that should hold it cannot be read. */
  async current(): Promise<Secret | undefined> {
    const now = this.#clock.now();
    if (this.#file === undefined || (this.#lookedAt !== undefined && now - this.#lookedAt < LOOK_EVERY_MS)) {
      return this.#token;
    }
    try {
      await this.#look(this.#file);
      this.#lookedAt = now;
    } catch (error) {
      // A file that is being replaced takes nothing away.
      if (this.#token === undefined) {
        const why = (error as NodeJS.ErrnoException).code ?? "";
        throw new Error(`the token file ${this.#file} cannot be read: ${why}`, { cause: error });
      }
    }
    return this.#token;
  }

  async #look(file: string): Promise<void> {
    const { mtimeMs, size, ino } = await stat(file);
    const version = `${mtimeMs} ${size} ${ino}`;
    if (version === this.#version) return;
    const text = (await readFile(file, "utf8")).trim();
    if (text === "") throw Object.assign(new Error("it is empty"), { code: "it is empty" });
    this.#token = new Secret(text);
    this.#version = version;
  }
}
