/** A part of the endpoints, as large as their load asks for: few endpoints get connections, and each is kept warm. */
import type { Candidate, Load, Random } from "linkspan/plugin";
import type { Choice } from "./choice.ts";
import { BandLoad, LoadBand, type LoadBandOptions } from "./load-band.ts";
import { TwoChoices } from "./two-choices.ts";

export interface WindowOptions extends LoadBandOptions {
  readonly minAperture: number;
}

/** An endpoint outside is closed when it was idle for so many smoothing windows, which is looked for so often. */
const EXPIRES_AFTER = 10;
const LOOKS_EVERY = 5;

/**
 * Each endpoint draws a place in line, which it keeps; in front are those that are open. The window is the first of the
 * line, and who is drawn is one of two in it.
 */
export class Window implements Choice {
  readonly #options: WindowOptions;
  readonly #random: Random;
  readonly #band: LoadBand;
  readonly #inside: TwoChoices;
  readonly #places = new WeakMap<Candidate, number>();
  /** By their places, and the same with the open ones in front. */
  #byPlace: readonly Candidate[] = [];
  #line: readonly Candidate[] = [];
  #open = 0;
  /** Which of the window, and of those that were not open, was looked at last. */
  #looked = 0;
  #looksAt = -Infinity;

  constructor(options: WindowOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#band = new LoadBand(options);
    this.#inside = new TwoChoices(random);
  }

  update(endpoints: readonly Candidate[]): void {
    for (const { load } of this.#byPlace)
      if (load instanceof BandLoad && load.band === this.#band) load.band = undefined;
    let outstanding = 0;
    for (const endpoint of endpoints) {
      if (!this.#places.has(endpoint)) this.#places.set(endpoint, this.#random.next());
      if (!(endpoint.load instanceof BandLoad)) continue;
      outstanding += endpoint.load.outstanding;
      this.joined(endpoint.load);
    }
    this.#byPlace = [...endpoints].sort((a, b) => this.#placeOf(a) - this.#placeOf(b));
    this.#band.fit(outstanding, Math.min(this.#options.minAperture, endpoints.length), endpoints.length);
    this.#lineUp();
  }

  joined(load: Load): void {
    if (load instanceof BandLoad) load.band = this.#band;
  }

  pick(now: number): Candidate | undefined {
    if (now >= this.#looksAt) this.#closeIdle(now);
    if (this.#hasChanged()) this.#lineUp();
    const picked = this.#inside.pickAmong(this.#size, now);
    if (picked === undefined || picked.status === "open" || !this.#isAnyOpen()) return picked;
    this.#lineUp();
    return this.#inside.pickAmong(this.#size, now);
  }

  inside(): ReadonlySet<Candidate> {
    return new Set(this.#line.slice(0, this.#size));
  }

  /** Those that are not open are in it only where none is. */
  get #size(): number {
    const { width } = this.#band;
    return this.#open === 0 ? width : Math.min(width, this.#open);
  }

  #placeOf(endpoint: Candidate): number {
    return this.#places.get(endpoint) ?? 0;
  }

  #lineUp(): void {
    const open = this.#byPlace.filter(({ status }) => status === "open");
    const busy = this.#byPlace.filter(({ status }) => status === "busy");
    const closed = this.#byPlace.filter(({ status }) => status === "closed");
    this.#open = open.length;
    this.#line = [...open, ...busy, ...closed];
    this.#inside.update(this.#line);
  }

  /** Whether one of the window is no longer open, or one that was not is again; each time others are looked at. */
  #hasChanged(): boolean {
    const inside = this.#size;
    const down = this.#line.length - this.#open;
    if (inside === 0) return false;
    this.#looked++;
    if (this.#open > 0 && !this.#isOpen(this.#looked % inside)) return true;
    return down > 0 && this.#isOpen(this.#open + (this.#looked % down));
  }

  #isOpen(at: number): boolean {
    return (this.#line[at] as Candidate).status === "open";
  }

  #isAnyOpen(): boolean {
    for (let at = 0; at < this.#line.length; at++) if (this.#isOpen(at)) return true;
    return false;
  }

  #closeIdle(now: number): void {
    const { smoothWindowMs } = this.#options;
    this.#looksAt = now + LOOKS_EVERY * smoothWindowMs;
    for (let at = this.#band.width; at < this.#line.length; at++) {
      const endpoint = this.#line[at] as Candidate;
      const { load } = endpoint;
      if (!(load instanceof BandLoad) || load.outstanding > 0) continue;
      if (load.endedAt > -Infinity && now - load.endedAt >= EXPIRES_AFTER * smoothWindowMs) endpoint.closeIdle();
    }
  }
}
