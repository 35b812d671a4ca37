/** Whether an endpoint accepts connections; one that does not is probed aside from the requests. */
import { Backoff, type Clock, type Random } from "../base/time.ts";

const FIRST_PROBE_MS = 200;
const LAST_PROBE_MS = 5_000;

export interface ReachabilityKit {
  readonly clock: Clock;
  readonly random: Random;
  /** So many connects must fail in a row; `Infinity` turns this off. */
  readonly connectFailuresToBusy: number;
}

export interface ReachabilityHost {
  /** Tries a connect; its end is told by `connected` or `refused`. */
  probe(): void;
  /** Called when `status` may be another. */
  changed(): void;
}

/** Probes come after 0.1 to 0.2 s at first, then ever later, up to 5 s apart. */
export class Reachability implements Disposable {
  readonly #kit: ReachabilityKit;
  readonly #host: ReachabilityHost;
  readonly #backoff: Backoff;
  #failures = 0;
  #busy = false;
  #timer: Disposable | undefined;
  #closed = false;

  constructor(kit: ReachabilityKit, host: ReachabilityHost) {
    this.#kit = kit;
    this.#host = host;
    this.#backoff = new Backoff(FIRST_PROBE_MS, LAST_PROBE_MS, kit.random);
  }

  get status(): "open" | "busy" {
    return this.#busy ? "busy" : "open";
  }

  /** Whether the last connect failed. */
  get lost(): boolean {
    return this.#failures > 0;
  }

  connected(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#backoff.reset();
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (!this.#busy) return;
    this.#busy = false;
    this.#host.changed();
  }

  refused(): void {
    if (this.#closed) return;
    this.#failures++;
    if (this.#failures < this.#kit.connectFailuresToBusy) return;
    this.#timer ??= this.#kit.clock.timer(this.#backoff.next(), () => {
      this.#timer = undefined;
      this.#host.probe();
    });
    if (this.#busy) return;
    this.#busy = true;
    this.#host.changed();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
