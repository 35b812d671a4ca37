/**
 * Entries in the catalogue on a node of their own, which no agent's anti-entropy touches. The lease is a session: each
 * entry names it, and what a member has left whose session is gone, any live member of the group takes away.
 */
import type { Clock, EntryOutcome, Var } from "linkspan/plugin";
import { checkIdOf, checkNameOf, entryOwner, type Entry, onSession, saysSame } from "./announced-entry.ts";
import { outcomeOf } from "./outcome.ts";
import type { Registered } from "./registered.ts";
import type { Registrar } from "./registrar.ts";
import { SessionLease } from "./session-lease.ts";
import { Told } from "./told.ts";
import type { Operation, WriteCalls } from "./write-calls.ts";

const TTL_SECONDS = 30;
const EVERY_MS = 5_000;
/** As long as an agent leaves what turned critical. */
const LEFT_MS = 90_000;
/** A transaction holds 64 operations; two make an entry, and one its node. */
const MOST_AT_ONCE = 30;

export interface NodeRegistrarOptions {
  readonly calls: WriteCalls;
  readonly group: string;
  readonly member: string;
  readonly node: string;
  readonly clock: Clock;
  readonly everyMs?: number;
  readonly leftMs?: number;
}

export class NodeRegistrar implements Registrar {
  readonly lease: Var<number>;
  readonly #options: NodeRegistrarOptions;
  readonly #kept = new Map<string, Entry>();
  readonly #told: Told<number>;
  /** Since when entries were seen whose session is gone, monotonic. */
  readonly #left = new Map<string, number>();
  #session: SessionLease | undefined;
  #leases = 0;
  #hasLeft = false;

  constructor(options: NodeRegistrarOptions) {
    this.#options = options;
    this.#told = new Told(options.clock);
    this.lease = this.#told.state;
  }

  node(): Promise<string> {
    return Promise.resolve(this.#options.node);
  }

  read(service: string, signal: AbortSignal): Promise<readonly Registered[]> {
    return this.#options.calls.inCatalogue(service, signal);
  }

  keeps(entry: Entry, before: Registered): boolean {
    const session = this.#session?.current;
    const isKept = this.#kept.get(before.id)?.ready === entry.ready;
    return isKept && session !== undefined && saysSame(before, onSession(entry, session));
  }

  async put(entries: readonly Entry[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    if (entries.length === 0) return [];
    const lease = this.#begin();
    const session = await outcomeOf(async () => void (await lease.session()));
    if (session.tag !== "done") return entries.map(() => session);
    const outcomes = await this.#inBatches(entries, (batch) => this.#write(batch, signal));
    entries.forEach((entry, at) => {
      if (outcomes[at]?.tag === "done") this.#kept.set(entry.registration.ID, entry);
    });
    return outcomes;
  }

  async remove(entries: readonly Registered[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    const kept = entries.map(({ id }) => this.#kept.get(id));
    // First, so that nothing makes them again meanwhile.
    for (const { id } of entries) this.#kept.delete(id);
    const outcomes = await this.#inBatches(entries, (batch) =>
      this.#options.calls.transact(batch.map(removal), signal),
    );
    outcomes.forEach((outcome, at) => {
      const entry = kept[at];
      if (entry && outcome.tag !== "done") this.#kept.set(entry.registration.ID, entry);
    });
    return outcomes;
  }

  leave(service: string): void {
    for (const [id, entry] of this.#kept) {
      if (entry.service !== service) continue;
      this.#kept.delete(id);
      this.#hasLeft = true;
    }
  }

  async clear(service: string, signal: AbortSignal): Promise<void> {
    const { node } = this.#options;
    const mine = [...this.#kept.values()].filter((entry) => entry.service === service);
    await this.remove(mine.map((entry) => ({ node, id: entry.registration.ID, service })) as Registered[], signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session?.current;
    await this.#session?.[Symbol.asyncDispose]();
    if (session === undefined || this.#hasLeft || this.#kept.size > 0) return;
    // Nothing hangs on it; it would end by itself.
    await this.#options.calls.endSession(session, new AbortController().signal).catch(() => undefined);
  }

  #begin(): SessionLease {
    const { calls, group, member, clock, everyMs = EVERY_MS } = this.#options;
    this.#session ??= new SessionLease({
      calls,
      name: `linkspan ${group} ${member}`,
      ttlSeconds: TTL_SECONDS,
      lockDelaySeconds: 0,
      everyMs,
      clock,
      failed: (cause) => this.#told.fail(cause),
      renewed: async (_, __, isNew, signal) => {
        if (isNew) this.#leases++;
        await this.#makeTrue(signal);
        this.#told.tell(this.#leases);
      },
    });
    return this.#session;
  }

  /** One read of the node: what is kept and does not stand is made again, what others have left goes in time. */
  async #makeTrue(signal: AbortSignal): Promise<void> {
    const { calls, node } = this.#options;
    const session = this.#session?.current;
    if (session === undefined) return;
    const before = [...this.#kept];
    const standing = new Map((await calls.onNode(node, signal)).map((each) => [each.id, each]));
    const lost = before.filter(([id, entry]) => {
      const each = standing.get(id);
      if (this.#kept.get(id) !== entry) return false;
      return each === undefined || !saysSame(each, onSession(entry, session));
    });
    const entries = lost.map(([, entry]) => entry);
    const outcomes = await this.#inBatches(entries, (batch) => this.#write(batch, signal));
    for (const outcome of outcomes) if (outcome.tag !== "done") throw new Error(outcome.cause);
    await this.#sweep([...standing.values()], signal);
  }

  async #sweep(standing: readonly Registered[], signal: AbortSignal): Promise<void> {
    const { calls, group, clock, leftMs = LEFT_MS } = this.#options;
    const others = standing.filter((each) => entryOwner(each)?.group === group && !this.#kept.has(each.id));
    const living = others.length === 0 ? new Set<string>() : await calls.sessions(signal);
    const left = others.filter((each) => !living.has(entryOwner(each)?.session ?? ""));
    for (const id of this.#left.keys()) if (!left.some((each) => each.id === id)) this.#left.delete(id);
    for (const { id } of left) if (!this.#left.has(id)) this.#left.set(id, clock.now());
    const due = left.filter(({ id }) => clock.now() - (this.#left.get(id) ?? Infinity) >= leftMs);
    await this.#inBatches(due, (batch) => calls.transact(batch.map(removal), signal));
  }

  async #write(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const { calls, node, group } = this.#options;
    const session = (await this.#session?.session()) ?? "";
    const own = { Node: node, Address: "127.0.0.1", Meta: { "external-node": "true", "external-probe": "false" } };
    const setting = entries.flatMap((entry) => settingOf(node, group, onSession(entry, session)));
    await calls.transact([{ Node: { Verb: "set", Node: own } }, ...setting], signal);
  }

  /** A transaction goes wrong as a whole: then each of it is tried alone. */
  async #inBatches<T>(all: readonly T[], work: (batch: readonly T[]) => Promise<void>): Promise<EntryOutcome[]> {
    const outcomes: EntryOutcome[] = [];
    for (let at = 0; at < all.length; at += MOST_AT_ONCE) {
      const batch = all.slice(at, at + MOST_AT_ONCE);
      const together = await outcomeOf(() => work(batch));
      if (together.tag !== "refused" || batch.length === 1) outcomes.push(...batch.map(() => together));
      else for (const each of batch) outcomes.push(await outcomeOf(() => work([each])));
    }
    return outcomes;
  }
}

function settingOf(node: string, group: string, { service, registration, ready }: Entry): readonly Operation[] {
  const { ID: id } = registration;
  const check = {
    Node: node,
    CheckID: checkIdOf(id),
    Name: checkNameOf(group),
    ServiceID: id,
    Status: ready ? "passing" : "critical",
  };
  return [
    { Service: { Verb: "set", Node: node, Service: { ...registration, Service: service } } },
    { Check: { Verb: "set", Check: check } },
  ];
}

const removal = ({ node, id, service }: Pick<Registered, "node" | "id" | "service">): Operation => ({
  Service: { Verb: "delete", Node: node, Service: { ID: id, Service: service } },
});
