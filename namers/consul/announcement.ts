/** One service of Consul's as a target: what stands there, and what one member of a group makes of it. */
import type {
  Announcement,
  EntryChange,
  EntryOutcome,
  Instance,
  Owner,
  PlannedWrite,
  Standing,
  StandingEntry,
  Var,
} from "linkspan/plugin";
import { type Entry, entryOf, entryOwner, instanceOf, registrationId } from "./announced-entry.ts";
import { DONE, outcomeOf } from "./outcome.ts";
import type { Registered } from "./registered.ts";
import type { Registrar } from "./registrar.ts";

export interface AnnouncementOptions {
  /** `undefined` where the path names no service. */
  readonly service: string | undefined;
  readonly tags: readonly string[];
  readonly owner: Owner;
  readonly registrar: Registrar;
  /** It was let go of. */
  readonly closed: () => void;
}

/** A change with what it comes to at what stands. */
type Step =
  | { readonly op: "put"; readonly entry: Entry; readonly before: Registered | undefined }
  | { readonly op: "remove"; readonly before: Registered }
  | { readonly op: "none"; readonly outcome: EntryOutcome };

const NO_SERVICE = "the path must be that of one service, such as `/users`, or the configuration say which";
const NONE: Step = { op: "none", outcome: DONE };

export class ConsulAnnouncement implements Announcement {
  readonly lease: Var<number>;
  readonly #options: AnnouncementOptions;
  /** As `standing` last gave it, by key. */
  #seen: ReadonlyMap<string, Registered> = new Map();
  #node = "";
  #isOpen = true;

  constructor(options: AnnouncementOptions) {
    this.#options = options;
    this.lease = options.registrar.lease;
  }

  async standing(signal: AbortSignal): Promise<Standing> {
    const { service } = this.#options;
    if (service === undefined) return { entries: [], refusal: NO_SERVICE };
    this.#seen = await this.#read(service, signal);
    return { entries: [...this.#seen].map(([key, each]) => this.#standing(key, each)) };
  }

  plan(changes: readonly EntryChange[]): readonly PlannedWrite[] {
    return changes.flatMap((change): readonly PlannedWrite[] => {
      const step = this.#step(change, this.#seen);
      if (step.op === "none") return [];
      if (step.op === "remove") return [{ op: "delete", object: objectOf(step.before) }];
      const { service, registration } = step.entry;
      const object = `service ${service}, id ${registration.ID}`;
      return [{ op: step.before ? "update" : "create", object, data: JSON.stringify(registration) }];
    });
  }

  /** What stands is read first, so that nobody else's entry is touched, and nothing is written that says nothing new. */
  async write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    const { service } = this.#options;
    if (service === undefined) return changes.map(() => ({ tag: "refused", cause: NO_SERVICE }));
    const outcomes: EntryOutcome[] = [];
    // One write at a time of each entry.
    for (const run of runsOf(changes, this.#options.owner)) {
      let seen: ReadonlyMap<string, Registered> = new Map();
      const read = await outcomeOf(async () => {
        seen = await this.#read(service, signal);
      });
      if (read.tag === "done") outcomes.push(...(await this.#make(run, seen, signal)));
      else outcomes.push(...run.map((): EntryOutcome => ({ tag: "failed", cause: read.cause })));
    }
    return outcomes;
  }

  abandon(): Promise<void> {
    const { service, registrar } = this.#options;
    if (this.#isOpen && service !== undefined) registrar.leave(service);
    this.#close();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { service, registrar } = this.#options;
    if (!this.#isOpen) return;
    this.#close();
    if (service !== undefined) await registrar.clear(service, new AbortController().signal);
  }

  #close(): void {
    if (this.#isOpen) this.#options.closed();
    this.#isOpen = false;
  }

  async #read(service: string, signal: AbortSignal): Promise<ReadonlyMap<string, Registered>> {
    const { registrar } = this.#options;
    this.#node = await registrar.node(signal);
    const all = await registrar.read(service, signal);
    return new Map(all.map((each) => [keyOf(each), each]));
  }

  #standing(key: string, each: Registered): StandingEntry {
    const owner = entryOwner(each);
    const { group, member } = this.#options.owner;
    const mine = owner?.group === group && owner.member === member;
    return { key, instance: instanceOf(each), ...(owner === undefined ? {} : { group: owner.group }), mine };
  }

  async #make(
    changes: readonly EntryChange[],
    seen: ReadonlyMap<string, Registered>,
    signal: AbortSignal,
  ): Promise<readonly EntryOutcome[]> {
    const { registrar } = this.#options;
    const steps = changes.map((change) => this.#step(change, seen));
    const puts = steps.flatMap((step) => (step.op === "put" ? [step.entry] : []));
    const removals = steps.flatMap((step) => (step.op === "remove" ? [step.before] : []));
    // What comes stands before what goes is gone.
    const put = [...(await registrar.put(puts, signal))];
    const removed = [...(await registrar.remove(removals, signal))];
    return steps.map((step) => {
      if (step.op === "none") return step.outcome;
      return (step.op === "put" ? put : removed).shift() ?? { tag: "failed", cause: "it was not tried" };
    });
  }

  #step(change: EntryChange, seen: ReadonlyMap<string, Registered>): Step {
    return change.op === "put" ? this.#putting(change.instance, seen) : this.#removing(change.key, seen);
  }

  #removing(key: string, seen: ReadonlyMap<string, Registered>): Step {
    const before = seen.get(key);
    if (before === undefined) return NONE;
    const group = entryOwner(before)?.group;
    if (group === this.#options.owner.group) return { op: "remove", before };
    return conflict(`${objectOf(before)} is not of this group`);
  }

  #putting(instance: Instance, seen: ReadonlyMap<string, Registered>): Step {
    const { service = "", tags, owner, registrar } = this.#options;
    let entry: Entry;
    try {
      entry = entryOf(instance, service, tags, owner);
    } catch (error) {
      return { op: "none", outcome: { tag: "refused", cause: (error as Error).message } };
    }
    const before = seen.get(`${this.#node}/${entry.registration.ID}`);
    if (before === undefined) return { op: "put", entry, before };
    if (entryOwner(before)?.group !== owner.group) return conflict(`${objectOf(before)} is not of this group`);
    return registrar.keeps(entry, before) ? NONE : { op: "put", entry, before };
  }
}

const keyOf = ({ node, id }: Registered): string => `${node}/${id}`;
const objectOf = ({ node, service, id }: Registered): string => `service ${service}, id ${id}, at ${node}`;
const conflict = (cause: string): Step => ({ op: "none", outcome: { tag: "conflict", cause } });

/** In their order, cut where a registration comes up again. */
function runsOf(changes: readonly EntryChange[], owner: Owner): readonly (readonly EntryChange[])[] {
  const runs: EntryChange[][] = [];
  let about = new Set<string>();
  for (const change of changes) {
    const { op } = change;
    const id = op === "put" ? registrationId(owner, change.instance.id) : change.key.slice(change.key.indexOf("/") + 1);
    if (runs.length === 0 || about.has(id)) {
      runs.push([]);
      about = new Set();
    }
    about.add(id);
    runs.at(-1)?.push(change);
  }
  return runs;
}
