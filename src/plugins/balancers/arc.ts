/** A part of the endpoints that is this router's by its number among all of them, so that all endpoints are used alike. */
import { addressKey, type Candidate, type Random } from "linkspan/plugin";
import type { Choice } from "./choice.ts";

export interface ArcOptions {
  /** Of this router among `of`, from 0. */
  readonly instance: number;
  readonly of: number;
  /** How many endpoints it has at least. */
  readonly minAperture: number;
}

/**
 * Endpoints share a ring evenly, in the order of their addresses; routers share it too, and each has its own share and
 * as many of its successors' as it takes to reach the endpoints that it needs. Every point of the ring is then in as
 * many arcs as any other. Who is drawn is one of two by points in the arc, so an endpoint that is half in it is drawn
 * half as often (Finagle's deterministic aperture).
 */
export class Arc implements Choice {
  readonly #options: ArcOptions;
  readonly #random: Random;
  /** By address. */
  #ring: readonly Candidate[] = [];
  /** Where the arc begins, and how long it is, in endpoints. */
  #from = 0;
  #length = 0;

  constructor(options: ArcOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  update(endpoints: readonly Candidate[]): void {
    const { instance, of, minAperture } = this.#options;
    const keys = new Map(endpoints.map((endpoint) => [endpoint, addressKey(endpoint.address)]));
    this.#ring = [...endpoints].sort((a, b) => ((keys.get(a) ?? "") < (keys.get(b) ?? "") ? -1 : 1));
    const { length } = endpoints;
    const shares = Math.ceil((Math.min(minAperture, length) * of) / Math.max(1, length));
    this.#length = (Math.min(of, shares) * length) / of;
    // The whole ring begins with a whole endpoint.
    this.#from = shares >= of ? 0 : (instance * length) / of;
  }

  pick(now: number): Candidate | undefined {
    const size = this.#ring.length;
    if (size < 2) return this.#ring[0];
    const first = this.#draw(-1);
    const second = this.#draw(first);
    const picked = second < 0 ? first : this.#better(first, second, now);
    if (this.#at(picked).status === "open") return this.#at(picked);
    return this.#nextOpen() ?? this.#at(picked);
  }

  inside(): ReadonlySet<Candidate> {
    const places = Math.ceil(this.#from + this.#length) - Math.floor(this.#from);
    const start = Math.floor(this.#from);
    return new Set(Array.from({ length: Math.min(places, this.#ring.length) }, (_, step) => this.#at(start + step)));
  }

  /** By a point of the arc that is not in `without`; negative where there is none. */
  #draw(without: number): number {
    const hidden = without < 0 ? 0 : this.#overlap(without);
    const left = this.#length - hidden;
    if (left <= Number.EPSILON * this.#ring.length) return -1;
    let point = this.#random.next() * left;
    if (without >= 0 && point >= Math.max(0, without - this.#from)) point += hidden;
    // What is rounded up must not lead out of the arc.
    return Math.min(Math.floor(this.#from + point), Math.ceil(this.#from + this.#length) - 1);
  }

  /** How much of an endpoint's part of the ring is in the arc; `place` counts on beyond the end of the ring. */
  #overlap(place: number): number {
    return Math.min(place + 1, this.#from + this.#length) - Math.max(place, this.#from);
  }

  #at(place: number): Candidate {
    return this.#ring[place % this.#ring.length] as Candidate;
  }

  /** An endpoint that is in the arc in part has its share when it has that part of the load. */
  #better(first: number, second: number, now: number): number {
    const a = this.#at(first);
    const b = this.#at(second);
    if (a.status !== b.status) return a.status === "open" || b.status === "closed" ? first : second;
    return a.load.cost(now) / this.#overlap(first) <= b.load.cost(now) / this.#overlap(second) ? first : second;
  }

  /** In the arc from a place that is drawn, else behind it. */
  #nextOpen(): Candidate | undefined {
    const size = this.#ring.length;
    const inside = Math.min(size, Math.ceil(this.#from + this.#length) - Math.floor(this.#from));
    const start = Math.floor(this.#from);
    const drawn = Math.floor(this.#random.next() * inside);
    for (let step = 0; step < size; step++) {
      const endpoint = this.#at(start + (step < inside ? (drawn + step) % inside : step));
      if (endpoint.status === "open") return endpoint;
    }
    return undefined;
  }
}
