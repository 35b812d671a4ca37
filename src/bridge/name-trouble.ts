/** That one target cannot be read or written, since when, and when it is tried again. */
import { Backoff } from "../base/time.ts";
import type { NameHome } from "./name-home.ts";

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;

export class NameTrouble {
  readonly #home: NameHome;
  readonly #target: string;
  #now: { readonly cause: string; readonly since: number } | undefined;
  #failures = 0;
  /** There while there is trouble: there are thousands of targets. */
  #backoff: Backoff | undefined;

  constructor(home: NameHome, target: string) {
    this.#home = home;
    this.#target = target;
  }

  get now(): { readonly cause: string; readonly since: number } | undefined {
    return this.#now;
  }

  /** How often in a row it failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Gives after how many ms it is to be tried again. */
  failed(error: unknown): number {
    const { clock, random } = this.#home.parts;
    const cause = error instanceof Error ? error.message : String(error);
    this.#home.events.failed({ target: this.#target, cause });
    this.#failures++;
    this.#now = { cause, since: this.#now?.since ?? clock.wall() };
    this.#backoff ??= new Backoff(RETRY_MIN_MS, RETRY_MAX_MS, random);
    return this.#backoff.next();
  }

  succeeded(): void {
    if (!this.#now) return;
    this.#home.events.recovered({ target: this.#target });
    this.#now = undefined;
    this.#failures = 0;
    this.#backoff = undefined;
  }
}
