/** The names by which servers of this process are announced now, each at its announcer. */
import type { Instance } from "./base/instance.ts";
import type { Counter, MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import { sleep } from "./base/time.ts";
import { AnnouncedName } from "./announced-name.ts";
import type { Announcer } from "./naming/announcer.ts";
import type { Path } from "./naming/path.ts";
import type { World } from "./naming-root.ts";

const ANNOUNCED: MetricSpec = {
  name: "linkspan_announcements",
  type: "gauge",
  help: "Names by which servers of a router are announced: `standing` as wanted, or `waiting` for their registry.",
  labels: ["router", "state"],
};
const FAILURES: MetricSpec = {
  name: "linkspan_announce_failures_total",
  type: "counter",
  help: "Tries to announce servers of a router that failed; each is repeated.",
  labels: ["router"],
};

/** For the table in the docs. */
export const ANNOUNCE_METRICS: readonly MetricSpec[] = [ANNOUNCED, FAILURES];

/** So long a registry may take to forget a server that is about to close. */
const LEAVE_MS = 2_000;

/** An announcer of a router, open. */
export interface OpenAnnouncer {
  /** No two ever opened have the same. */
  readonly id: string;
  readonly router: string;
  readonly prefix: Path;
  readonly announcer: Announcer;
}

export interface WantedName {
  readonly at: OpenAnnouncer;
  readonly path: Path;
  /** As the servers have it. */
  readonly name: string;
  readonly instances: readonly Instance[];
}

export interface AnnouncedNamesParts {
  readonly world: World;
  /** What tells this process from others that announce. */
  readonly member: string;
}

interface Known {
  readonly router: string;
  readonly announced: AnnouncedName;
}

export class AnnouncedNames {
  readonly #parts: AnnouncedNamesParts;
  readonly #owner: Scope;
  readonly #names = new Map<string, Known>();
  readonly #series = new Map<string, Counter>();

  constructor(parts: AnnouncedNamesParts, owner: Scope) {
    this.#parts = parts;
    this.#owner = owner;
  }

  get size(): number {
    return this.#names.size;
  }

  /**
   * Resolves when what is announced beside it, and whatever its instances have too many, is gone; at the latest after
   * some seconds. Never rejects. What is new is announced meanwhile, or later.
   */
  async want(all: readonly WantedName[]): Promise<void> {
    const wanted = new Map(all.map((each) => [keyOf(each), each]));
    const gone = [...this.#names].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) this.#names.delete(key);
    const kept = [...wanted].map(([key, each]) => this.#want(key, each));
    await this.#bounded([...gone.map(([, { announced }]) => announced[Symbol.asyncDispose]()), ...kept]);
  }

  #want(key: string, wanted: WantedName): Promise<void> {
    const known = this.#names.get(key) ?? { router: wanted.at.router, announced: this.#open(wanted) };
    const isNew = !this.#names.has(key);
    this.#names.set(key, known);
    const stands = known.announced.want(wanted.instances);
    return isNew ? Promise.resolve() : stands;
  }

  #open({ at, path, name }: WantedName): AnnouncedName {
    const { world, member } = this.#parts;
    const { router, announcer } = at;
    const { clock, random } = world;
    const failures = this.#failuresOf(router);
    return new AnnouncedName({
      name,
      announcement: announcer.announce(path, { group: `servers-of-${router}`, member }),
      clock,
      random,
      log: world.log.with({ router }),
      failed: () => void failures.value++,
    });
  }

  #failuresOf(router: string): Counter {
    const known = this.#series.get(router);
    if (known !== undefined) return known;
    const { metrics } = this.#parts.world;
    const counter = metrics.counter(FAILURES, { router }, this.#owner);
    this.#series.set(router, counter);
    for (const state of ["standing", "waiting"] as const) {
      metrics.gauge(ANNOUNCED, { router, state }, this.#owner, () => {
        const own = [...this.#names.values()].filter((each) => each.router === router);
        return own.filter(({ announced }) => announced.stands === (state === "standing")).length;
      });
    }
    return counter;
  }

  async #bounded(work: readonly Promise<void>[]): Promise<void> {
    const end = new AbortController();
    const late = sleep(this.#parts.world.clock, LEAVE_MS, end.signal).catch(() => undefined);
    await Promise.race([Promise.allSettled(work), late]);
    end.abort();
  }
}

const keyOf = ({ at, path }: WantedName): string => `${at.id} ${path.show}`;
