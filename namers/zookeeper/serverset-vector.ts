/** The weights of a serverset: nodes beside its members that say how much of the traffic some of them get. */
import { type HostPort, readFields } from "./serverset-member.ts";

/** What a weight is chosen by. */
export interface Weighed extends HostPort {
  /** The member's node. */
  readonly node: string;
  readonly shard: number | undefined;
}

/** One vector node: all that matches counts, multiplied. */
export interface WeightVector {
  /** `undefined`: taken out of the set. */
  weightOf(endpoint: Weighed): number | undefined;
}

interface Descriptor {
  readonly weight: number;
  matches(endpoint: Weighed): boolean;
}

/** The weight that newer Finagle takes an endpoint out by. */
const REMOVED = -1;

/** Throws an Error that says why it is no vector. A descriptor that cannot be understood counts for nobody. */
export function readWeightVector(data: Uint8Array): WeightVector {
  const { vector } = readFields(data);
  if (!Array.isArray(vector)) throw new Error("it has no vector");
  const descriptors = (vector as readonly unknown[]).map(descriptorOf).filter((each) => each !== undefined);
  return {
    weightOf(endpoint) {
      let product = 1;
      for (const { weight, matches } of descriptors) {
        if (!matches(endpoint)) continue;
        if (weight === REMOVED) return undefined;
        product *= weight;
      }
      return product;
    },
  };
}

/** The product of what all vectors say, 1 without any; `undefined` where one takes the endpoint out. */
export function weightIn(vectors: Iterable<WeightVector>, endpoint: Weighed): number | undefined {
  let product = 1;
  for (const vector of vectors) {
    const weight = vector.weightOf(endpoint);
    if (weight === undefined) return undefined;
    product *= weight;
  }
  return product;
}

function descriptorOf(value: unknown): Descriptor | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { select, weight = 1 } = value as { readonly select?: unknown; readonly weight?: unknown };
  // Finagle ignored whole numbers; who writes 2 means 2.
  if (typeof select !== "string" || typeof weight !== "number" || (weight < 0 && weight !== REMOVED)) return undefined;
  const matches = matcherOf(select);
  return matches && { weight, matches };
}

function matcherOf(select: string): Descriptor["matches"] | undefined {
  const [, what, which = ""] = /^(inet|member|shard)=(.+)$/.exec(select.trim()) ?? [];
  if (what === "inet") return ({ host, port }) => which === `${host}:${port}` || which === `[${host}]:${port}`;
  if (what === "member") return ({ node }) => node === which;
  return what === "shard" && /^\d+$/.test(which) ? ({ shard }) => shard === Number(which) : undefined;
}
