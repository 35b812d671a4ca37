/** The endpoints of a small group as one text: of tens of thousands of Services few change at any time, and none other is looked at. */
import { addressKey, type PackedRow, packRows, unpackRows } from "linkspan/plugin";
import { type Condition, Endpoint, type SpotTable } from "./endpoint.ts";

/** Services of more than that have several groups, and in each look at one of them all are looked at. */
const MOST = 32;

export class PackedEndpoints {
  readonly #text: string;
  /** Where each of them runs is a number of this. */
  readonly #spots: SpotTable;

  private constructor(text: string, spots: SpotTable) {
    this.#text = text;
    this.#spots = spots;
  }

  /** `undefined` where they are many, or somebody announced them, or they cannot be told from the marks between two. */
  static of(endpoints: readonly Endpoint[], spots: SpotTable): PackedEndpoints | undefined {
    const isPlain = endpoints.length <= MOST && endpoints.every(({ announced }) => announced === undefined);
    if (!isPlain) return undefined;
    const text = packRows(inOrder(endpoints).map((each) => rowOf(each, spots)));
    return text === undefined ? undefined : new PackedEndpoints(text, spots);
  }

  /** The same endpoints have the same text. */
  isSame(other: PackedEndpoints): boolean {
    if (this.#spots === other.#spots) return this.#text === other.#text;
    const [mine, theirs] = [this.unpacked(), other.unpacked()];
    return mine.length === theirs.length && mine.every((each, at) => each.isSame(theirs[at] as Endpoint));
  }

  /** In the order in which sets have their addresses, so that those need no sorting. */
  unpacked(): readonly Endpoint[] {
    return unpackRows(this.#text).map(
      ([host = "", uid, pod, spot, condition = "ready", hints]) =>
        new Endpoint({
          host,
          condition: condition as Condition,
          uid,
          pod,
          spot: spot === undefined ? undefined : this.#spots.at(Number(spot)),
          hints,
        }),
    );
  }
}

/** Nearly all are ready and have no hints: then these are left out. */
function rowOf({ host, condition, uid, pod, spot, hints }: Endpoint, spots: SpotTable): PackedRow {
  const place = spot && String(spots.numberOf(spot.nodeName, spot.zone));
  return [host, uid, pod, place, condition === "ready" ? undefined : condition, hints];
}

function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const placed = endpoints.map((endpoint) => {
    const { host } = endpoint;
    return { endpoint, key: addressKey({ host, port: 0, weight: 1 }) };
  });
  return placed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ endpoint }) => endpoint);
}
