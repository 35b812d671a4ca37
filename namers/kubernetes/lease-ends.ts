/** Of which groups the Lease is over: endpoints, unlike what hangs on a session, outlive their writers. */
import type { Clock } from "linkspan/plugin";
import type { ApiWriter } from "./api-writer.ts";
import { leaseEnd, leaseName, leasesIn, readLease } from "./lease-object.ts";

/** The time of a Lease is its holder's: clocks may differ by so much. */
const SLACK_MS = 60_000;
/** What was read is good for so long. */
const FRESH_MS = 30_000;
/** Of one look, and of all that is kept. */
const MOST_GROUPS = 16;
const CAPACITY = 256;

interface Seen {
  readonly at: number;
  readonly end: number | undefined;
}

export interface LeaseEndsOptions {
  readonly namespace: string;
  readonly writer: ApiWriter;
  readonly clock: Clock;
}

export class LeaseEnds {
  readonly #options: LeaseEndsOptions;
  readonly #seen = new Map<string, Seen>();

  constructor(options: LeaseEndsOptions) {
    this.#options = options;
  }

  /** When the leases of those groups ended that nobody renews, epoch ms. What cannot be read is not said. */
  async of(groups: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const { clock } = this.#options;
    const some = [...groups].slice(0, MOST_GROUPS);
    const ends = await Promise.all(some.map(async (group) => [group, await this.#endOf(group, signal)] as const));
    const over = clock.wall() - SLACK_MS;
    return new Map(ends.filter((each): each is readonly [string, number] => each[1] !== undefined && each[1] < over));
  }

  async #endOf(group: string, signal: AbortSignal): Promise<number | undefined> {
    const { namespace, writer, clock } = this.#options;
    const known = this.#seen.get(group);
    if (known && clock.now() - known.at < FRESH_MS) return known.end;
    try {
      const object = await writer.read(leasesIn(namespace), leaseName(group), { signal });
      const end = object && leaseEnd(readLease(object));
      if (this.#seen.size >= CAPACITY) this.#seen.clear();
      this.#seen.set(group, { at: clock.now(), end });
      return end;
    } catch {
      return undefined;
    }
  }
}
