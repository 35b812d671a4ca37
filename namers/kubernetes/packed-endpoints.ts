/** The endpoints of a small group as one text: of tens of thousands of Services few change at any time, and none other is looked at. */
import { type Condition, Endpoint, isSameSpot, type Spot } from "./endpoint.ts";

/** Services of more than that have several groups, and in each look at one of them all are looked at. */
const MOST = 32;

/** Nearly all are ready and have no hints, and then these are left out. */
type Row = readonly [
  host: string,
  uid?: string | null,
  pod?: string | null,
  condition?: Condition,
  hints?: string | null,
];

export class PackedEndpoints {
  readonly #text: string;
  /** Where each of them runs; many run there. */
  readonly #spots: readonly (Spot | undefined)[];

  private constructor(endpoints: readonly Endpoint[]) {
    this.#text = JSON.stringify(endpoints.map(rowOf));
    this.#spots = endpoints.map(({ spot }) => spot);
  }

  /** `undefined` where they are many, or somebody announced them. */
  static of(endpoints: readonly Endpoint[]): PackedEndpoints | undefined {
    const isPlain = endpoints.length <= MOST && endpoints.every(({ announced }) => announced === undefined);
    return isPlain ? new PackedEndpoints(endpoints) : undefined;
  }

  /** The same endpoints have the same text. */
  isSame(other: PackedEndpoints): boolean {
    if (this.#text !== other.#text) return false;
    return this.#spots.every((spot, at) => isSameSpot(spot, other.#spots[at]));
  }

  unpacked(): readonly Endpoint[] {
    return (JSON.parse(this.#text) as readonly Row[]).map(
      ([host, uid, pod, condition = "ready", hints], at) =>
        new Endpoint({
          host,
          condition,
          uid: uid ?? undefined,
          pod: pod ?? undefined,
          spot: this.#spots[at],
          hints: hints ?? undefined,
        }),
    );
  }
}

function rowOf({ host, condition, uid, pod, hints }: Endpoint): readonly (string | undefined)[] {
  if (hints !== undefined) return [host, uid, pod, condition, hints];
  return condition === "ready" ? [host, uid, pod] : [host, uid, pod, condition];
}
