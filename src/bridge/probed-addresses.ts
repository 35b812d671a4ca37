/** Which addresses callers at the target can reach, as the probe found: asked before the first publication. */
import { Turnstile } from "../base/turnstile.ts";
import { Backoff, type Clock, type Random } from "../base/time.ts";
import type { Probe } from "./mirror-parts.ts";
import { timeLimited } from "./time-limited.ts";

const AT_ONCE = 16;
const CAPACITY = 50_000;
const AGAIN_MIN_MS = 2_000;
const AGAIN_MAX_MS = 60_000;

export type Reach = { readonly tag: "asked" | "reached" } | { readonly tag: "unreachable"; readonly cause: string };

interface Probed {
  reach: Reach;
  askAgainAt: number;
  readonly backoff: Backoff;
}

export interface ProbedParts {
  readonly probe: Probe;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export class ProbedAddresses {
  readonly #parts: ProbedParts;
  readonly #addresses = new Map<string, Probed>();
  readonly #turns = new Turnstile(AT_ONCE, CAPACITY);

  constructor(parts: ProbedParts) {
    this.#parts = parts;
  }

  /** What is known of it. Asks when nothing is known, or it is time to ask again, and calls `then` when that is answered. */
  reach(host: string, port: number, then: () => void): Reach {
    const key = `${host} ${port}`;
    const known = this.#addresses.get(key) ?? this.#begin(key);
    const isDue = known.reach.tag !== "reached" && this.#parts.clock.now() >= known.askAgainAt;
    if (isDue) this.#ask(known, host, port, then);
    return known.reach;
  }

  #begin(key: string): Probed {
    const { clock, random } = this.#parts;
    // The oldest goes: at worst it is asked again.
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size < CAPACITY) break;
      this.#addresses.delete(oldest);
    }
    const backoff = new Backoff(AGAIN_MIN_MS, AGAIN_MAX_MS, random);
    const probed: Probed = { reach: { tag: "asked" }, askAgainAt: clock.now(), backoff };
    this.#addresses.set(key, probed);
    return probed;
  }

  #ask(probed: Probed, host: string, port: number, then: () => void): void {
    const { probe, clock, timeoutMs, signal } = this.#parts;
    probed.askAgainAt = Infinity;
    const attempt = (): Promise<void> => timeLimited(clock, timeoutMs, signal, (limit) => probe(host, port, limit));
    const unreached = (cause: unknown): void => {
      probed.reach = { tag: "unreachable", cause: cause instanceof Error ? cause.message : String(cause) };
      probed.askAgainAt = clock.now() + probed.backoff.next();
    };
    void this.#turns
      .pass(attempt)
      .then(() => void (probed.reach = { tag: "reached" }), unreached)
      .finally(() => {
        if (!signal.aborted) then();
      });
  }
}
