/** Endpoints of unequal weight: a group for each weight, drawn by weight times size, and a choice within it. */
import type { Balancer, Candidate, Exchange, Load, Random, ShareOf } from "linkspan/plugin";
import type { Choice } from "./choice.ts";

interface Group {
  readonly weight: number;
  readonly choice: Choice;
  /** The sum of the weights of this group and those before it. */
  readonly upTo: number;
}

export interface WeightGroupsParts {
  readonly random: Random;
  readonly newLoad: (now: number) => Load;
  readonly newChoice: () => Choice;
}

/** A group without an open endpoint is passed over while another has one. Weights that are all 0 count as equal. */
export class WeightGroups implements Balancer {
  readonly #parts: WeightGroupsParts;
  #groups: readonly Group[] = [];
  #total = 0;

  constructor(parts: WeightGroupsParts) {
    this.#parts = parts;
  }

  newLoad(now: number, endpoint?: Candidate): Load {
    const load = this.#parts.newLoad(now);
    if (endpoint !== undefined) this.#groupOf(endpoint)?.choice.joined?.(load, endpoint);
    return load;
  }

  update(endpoints: readonly Candidate[]): void {
    const byWeight = grouped(endpoints);
    const before = new Map(this.#groups.map((group) => [group.weight, group.choice]));
    this.#total = 0;
    this.#groups = [...byWeight].map(([weight, members]) => {
      const choice = before.get(weight) ?? this.#parts.newChoice();
      choice.update(members);
      this.#total += weight * members.length;
      return { weight, choice, upTo: this.#total };
    });
  }

  pick(_x: Exchange, now: number): Candidate | undefined {
    const groups = this.#groups;
    if (groups.length < 2) return groups[0]?.choice.pick(now);
    const drawn = this.#draw();
    const picked = (groups[drawn] as Group).choice.pick(now);
    if (picked?.status === "open") return picked;
    for (let step = 1; step < groups.length; step++) {
      const other = (groups[(drawn + step) % groups.length] as Group).choice.pick(now);
      if (other?.status === "open") return other;
    }
    return picked;
  }

  shares(): ShareOf {
    const insides = new Map(this.#groups.map(({ choice }) => [choice, choice.inside?.()]));
    return (endpoint) => {
      const group = this.#groupOf(endpoint);
      const inside = group === undefined ? undefined : insides.get(group.choice);
      return inside === undefined || inside.has(endpoint) ? 1 : 0;
    };
  }

  /** The first group that reaches beyond a point drawn below the total. */
  #draw(): number {
    const groups = this.#groups;
    const point = this.#parts.random.next() * this.#total;
    let low = 0;
    let high = groups.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (point < (groups[middle] as Group).upTo) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #groupOf({ address }: Candidate): Group | undefined {
    const { length } = this.#groups;
    return length === 1 ? this.#groups[0] : this.#groups.find(({ weight }) => weight === address.weight);
  }
}

/** Where all weigh the same, the one list of them serves. */
function grouped(endpoints: readonly Candidate[]): ReadonlyMap<number, readonly Candidate[]> {
  const first = endpoints[0]?.address.weight ?? 0;
  if (endpoints.every(({ address }) => address.weight === first)) {
    return new Map(endpoints.length === 0 ? [] : [[first > 0 ? first : 1, endpoints]]);
  }
  const someWeigh = endpoints.some(({ address }) => address.weight > 0);
  return Map.groupBy(endpoints, ({ address }) => (someWeigh ? Math.max(0, address.weight) : 1));
}
