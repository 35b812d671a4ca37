/** Finds the targets at which the mirror's group has entries, now and then: those of former configurations too. */
import { Backoff } from "../base/time.ts";
import type { Path } from "../naming/path.ts";
import type { MirrorParts } from "./mirror-parts.ts";
import type { MirrorRules } from "./mirror-rules.ts";
import { timeLimited } from "./time-limited.ts";

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;

export interface OwnedTargetsParts {
  readonly parts: MirrorParts;
  readonly rules: MirrorRules;
  readonly signal: AbortSignal;
  found(target: Path): void;
  /** It was asked, with success or without. */
  changed(): void;
}

export class OwnedTargets implements Disposable {
  readonly #parts: OwnedTargetsParts;
  readonly #backoff: Backoff;
  #askedAt = -Infinity;
  #isAsking = false;
  #isAsked = false;
  #trouble: string | undefined;
  #retry: Disposable | undefined;

  constructor(parts: OwnedTargetsParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS, parts.parts.random);
  }

  /** Whether there was an answer, or an error for one. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  ask(): void {
    if (this.#isAsking || this.#parts.signal.aborted) return;
    this.#isAsking = true;
    void this.#asked().finally(() => {
      this.#isAsking = false;
      this.#isAsked = true;
      this.#parts.changed();
    });
  }

  /** Asks when the last answer is old. */
  askAgain(now: number): void {
    if (this.#trouble === undefined && now - this.#askedAt >= this.#parts.rules.auditMs) this.ask();
  }

  [Symbol.dispose](): void {
    this.#retry?.[Symbol.dispose]();
  }

  async #asked(): Promise<void> {
    const { parts, rules, signal, found } = this.#parts;
    const { clock, announcer, owner } = parts;
    this.#askedAt = clock.now();
    try {
      const owned = (limit: AbortSignal): Promise<readonly Path[]> => announcer.owned(owner.group, limit);
      for (const target of await timeLimited(clock, rules.timeoutMs, signal, owned)) found(target);
      this.#trouble = undefined;
      this.#backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      this.#trouble = error instanceof Error ? error.message : String(error);
      this.#retry = clock.timer(this.#backoff.next(), () => this.ask());
    }
  }
}
