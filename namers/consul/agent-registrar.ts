/**
 * Entries as registrations of the agent that is asked: it owns them and makes them again in the catalogue, and their TTL
 * checks are passed in time by this member. When it does so no more they turn critical, and the agent takes them away.
 */
import { type Clock, type EntryOutcome, sleep, type Var } from "linkspan/plugin";
import { type Entry, saysSame } from "./announced-entry.ts";
import { outcomeOf } from "./outcome.ts";
import type { Registered } from "./registered.ts";
import type { Registrar } from "./registrar.ts";
import { Told } from "./told.ts";
import type { WriteCalls } from "./write-calls.ts";

/** Longer than another member takes to lead when this one has died, so that its own stand before these turn critical. */
const TTL_MS = 60_000;
/** Every entry is passed so often within its TTL. */
const ROUNDS = 4;
/** When an agent does not answer, the last entries are left to their TTL after so many. */
const MOST_LAST = 64;
/** So often some of them are: one at least, which tells soon of an agent that has forgotten all. */
const STEP_MS = 1_000;

export interface AgentRegistrarOptions {
  readonly calls: WriteCalls;
  readonly group: string;
  readonly member: string;
  readonly clock: Clock;
  readonly ttlMs?: number;
  readonly stepMs?: number;
}

export class AgentRegistrar implements Registrar {
  readonly lease: Var<number>;
  readonly #options: AgentRegistrarOptions;
  readonly #ttlMs: number;
  readonly #stepMs: number;
  /** By id, what was passed longest ago first. */
  readonly #kept = new Map<string, Entry>();
  readonly #told: Told<number>;
  readonly #end = new AbortController();
  #leases = 1;
  #node: string | undefined;
  #loop: Promise<void> | undefined;
  #isDown = false;

  constructor(options: AgentRegistrarOptions) {
    const { ttlMs = TTL_MS, stepMs = STEP_MS, clock } = options;
    this.#options = options;
    this.#ttlMs = ttlMs;
    this.#stepMs = stepMs;
    this.#told = new Told(clock);
    this.lease = this.#told.state;
  }

  async node(signal: AbortSignal): Promise<string> {
    this.#node ??= await this.#options.calls.nodeName(signal);
    return this.#node;
  }

  /** The agent's own word goes before the catalogue's, which hears of its registrations a little later. */
  async read(service: string, signal: AbortSignal): Promise<readonly Registered[]> {
    const { calls } = this.#options;
    const node = await this.node(signal);
    const filter = `Service == ${JSON.stringify(service)}`;
    const [all, own] = await Promise.all([calls.inCatalogue(service, signal), calls.onAgent(filter, node, signal)]);
    const health = new Map(all.filter((each) => each.node === node).map((each) => [each.id, each.health]));
    const healthOf = ({ id }: Registered) =>
      health.get(id) ?? (this.#kept.get(id)?.ready === false ? "critical" : "passing");
    return [
      ...all.filter((each) => each.node !== node),
      ...own.filter((each) => each.service === service).map((each) => ({ ...each, health: healthOf(each) })),
    ];
  }

  keeps(entry: Entry, before: Registered): boolean {
    const kept = this.#kept.get(before.id);
    return kept?.ready === entry.ready && saysSame(before, entry);
  }

  put(entries: readonly Entry[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    return Promise.all(
      entries.map((entry) =>
        outcomeOf(async () => {
          await this.#register(entry, signal);
          this.#kept.delete(entry.registration.ID);
          this.#kept.set(entry.registration.ID, entry);
          this.#begin();
        }),
      ),
    );
  }

  async remove(entries: readonly Registered[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    const { calls } = this.#options;
    const own = await this.node(signal);
    return Promise.all(
      entries.map(({ node, id }) =>
        outcomeOf(async () => {
          if (node !== own) return calls.deregisterAt(node, id, signal);
          const kept = this.#kept.get(id);
          // First, so that nothing makes it again meanwhile.
          this.#kept.delete(id);
          await calls.deregister(id, signal).catch((error: unknown) => {
            if (kept) this.#kept.set(id, kept);
            throw error;
          });
        }),
      ),
    );
  }

  leave(service: string): void {
    for (const [id, entry] of this.#kept) if (entry.service === service) this.#kept.delete(id);
  }

  async clear(service: string, signal: AbortSignal): Promise<void> {
    const ids = [...this.#kept].filter(([, entry]) => entry.service === service).map(([id]) => id);
    this.leave(service);
    for (let at = 0; at < ids.length; at += MOST_LAST) {
      const batch = ids.slice(at, at + MOST_LAST);
      await Promise.all(batch.map((id) => this.#options.calls.deregister(id, signal)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("the announcer is closed"));
    await this.#loop;
  }

  #register(entry: Entry, signal: AbortSignal): Promise<void> {
    return this.#options.calls.register(entry, this.#options.group, `${this.#ttlMs}ms`, signal);
  }

  #begin(): void {
    if (this.#loop === undefined) this.#told.tell(this.#leases);
    this.#loop ??= this.#keep(this.#end.signal).catch(() => undefined);
  }

  async #keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#options.clock, this.#stepMs, signal);
      try {
        await this.#step(signal);
        if (this.#isDown) this.#told.tell(this.#leases);
        this.#isDown = false;
      } catch (error) {
        if (signal.aborted) return;
        this.#isDown = true;
        this.#told.fail(error as Error);
      }
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    if (this.#kept.size === 0) return;
    const isAfterOutage = this.#isDown;
    const many = Math.ceil((this.#kept.size * this.#stepMs * ROUNDS) / this.#ttlMs);
    const due = [...this.#kept].slice(0, many);
    const heard = await Promise.all(due.map(([id, entry]) => this.#pass(id, entry, signal)));
    if (isAfterOutage || heard.includes(false)) await this.#makeAgain(signal);
  }

  /** False when the agent has forgotten it. */
  async #pass(id: string, entry: Entry, signal: AbortSignal): Promise<boolean> {
    if (this.#kept.get(id) === entry) {
      this.#kept.delete(id);
      this.#kept.set(id, entry);
    }
    // What is not ready stays critical, and is made again when the agent has taken it away.
    return entry.ready ? this.#options.calls.pass(id, signal) : true;
  }

  /** What the agent has not, or has otherwise, is registered again. */
  async #makeAgain(signal: AbortSignal): Promise<void> {
    const { calls, group, member } = this.#options;
    const mine = `Meta["linkspan-group"] == ${JSON.stringify(group)} and Meta["linkspan-member"] == ${JSON.stringify(member)}`;
    const before = [...this.#kept];
    const standing = await calls.onAgent(mine, await this.node(signal), signal);
    const byId = new Map(standing.map((each) => [each.id, each]));
    const lost = before.filter(([id, entry]) => {
      const each = byId.get(id);
      if (this.#kept.get(id) !== entry) return false;
      return each === undefined || !saysSame(each, entry);
    });
    if (lost.length === 0) return;
    this.#told.tell(++this.#leases);
    await Promise.all(lost.map(([id, entry]) => this.#remake(id, entry, signal)));
  }

  async #remake(id: string, entry: Entry, signal: AbortSignal): Promise<void> {
    if (this.#kept.get(id) !== entry) return;
    await this.#register(entry, signal);
    // It was taken away while it was made again.
    if (!this.#kept.has(id)) await this.#options.calls.deregister(id, signal);
  }
}
