/** Entries of a registry that cannot be read as instances: each counted and told once, for as long as it stays so. */
import type { Log } from "../base/log.ts";
import type { Counter, MetricSpec } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";

export const REFUSED_ENTRIES: MetricSpec = {
  name: "linkspan_refused_instances_total",
  type: "counter",
  help: "Entries of a registry that could not be read as an instance.",
  labels: ["namer"],
};

/** Why each cannot be read, by what the registry calls it. */
export type Refusals = ReadonlyMap<string, string>;

/** More lines in a minute only say again that a registry is full of nonsense. */
const MOST_LINES = 20;
const LINES_EVERY_MS = 60_000;
/** Of so many it is known that they were told. */
const MOST_KNOWN = 10_000;

/** Where entries are told of and counted: one a namer. */
export class RefusalTeller {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #count: Counter;
  #since = -Infinity;
  #lines = 0;

  constructor(log: Log, clock: Clock, count: Counter) {
    this.#log = log;
    this.#clock = clock;
    this.#count = count;
  }

  tell(entry: string, cause: string, name: string | undefined): void {
    this.#count.value++;
    const fields = { ...(name === undefined ? {} : { name }), entry, cause };
    if (this.#mayWarn()) this.#log.warn("instance.refused", fields);
    else this.#log.debug("instance.refused", fields);
  }

  #mayWarn(): boolean {
    const now = this.#clock.now();
    if (now - this.#since >= LINES_EVERY_MS) {
      this.#since = now;
      this.#lines = 0;
    }
    return ++this.#lines <= MOST_LINES;
  }
}

/** Those of one name; without a name, those that are told one by one. */
export class RefusedEntries {
  readonly #teller: RefusalTeller;
  readonly #name: string | undefined;
  /** Why each that is bad now was told of; most names never have one. */
  #told: Map<string, string> | undefined;

  constructor(teller: RefusalTeller, name?: string) {
    this.#teller = teller;
    this.#name = name;
  }

  /** The entry cannot be read. It is told again only when there is something else to tell. */
  refuse(entry: string, cause: string): void {
    this.#told ??= new Map();
    if (this.#told.get(entry) === cause) return;
    const oldest = this.#told.keys().next();
    if (this.#told.size >= MOST_KNOWN && !oldest.done) this.#told.delete(oldest.value);
    this.#told.set(entry, cause);
    this.#teller.tell(entry, cause, this.#name);
  }

  /** The entry can be read, or is gone. */
  accept(entry: string): void {
    this.#told?.delete(entry);
  }

  /** These are all that cannot be read now. */
  replace(refusals: Refusals): void {
    for (const entry of this.#told?.keys() ?? []) if (!refusals.has(entry)) this.#told?.delete(entry);
    for (const [entry, cause] of refusals) this.refuse(entry, cause);
  }
}
