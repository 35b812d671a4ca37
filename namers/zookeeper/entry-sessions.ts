/** The sessions of one announcer: one to look with, and as many as its entries need to hang on. */
import { failed, ok, pending, type PluginContext, Scope, type State, Var } from "linkspan/plugin";
import type { Outcome } from "./batches.ts";
import { ZkClient, type ZkOptions } from "./client.ts";
import { EntrySession } from "./entry-session.ts";
import { InFlight } from "./in-flight.ts";
import type { KeptEntry } from "./kept-entry.ts";
import type { ParentMode } from "./parents.ts";
import type { SessionState } from "./session-state.ts";

const MOST_IN_FLIGHT = 64;

/** Connects when it is first used. */
export class EntrySessions implements AsyncDisposable {
  readonly inFlight = new InFlight(MOST_IN_FLIGHT);
  /** Whether the registry counts the entries as alive, and how many leases there were so far. */
  readonly lease: Var<number>;
  readonly #options: ZkOptions;
  readonly #parents: ParentMode;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #open = new Set<EntrySession>();
  readonly #homes = new WeakMap<KeptEntry, EntrySession>();
  readonly #leaseFollowers = new Set<(state: State<number>) => void>();
  readonly #closing = new Set<Promise<void>>();
  #control: ZkClient | undefined;
  #leases = 1;

  constructor(options: ZkOptions, parents: ParentMode, context: PluginContext) {
    this.#options = options;
    this.#parents = parents;
    this.#context = context;
    this.lease = Var.source<number>((set) => this.#followLease(set), { clock: context.clock });
  }

  /** What is read with and watched by; it owns no entry. */
  get control(): ZkClient {
    if (this.#control === undefined) {
      this.#control = this.#scope.own(new ZkClient(this.#options, this.#context));
      this.#control.onState(() => this.#tellLease());
      this.#control.start();
    }
    return this.#control;
  }

  /** How many sessions entries hang on. */
  get size(): number {
    return this.#open.size;
  }

  /** Whether a node of that owner hangs on one of these sessions. */
  owns(ephemeralOwner: bigint): boolean {
    if (ephemeralOwner === 0n) return false;
    for (const session of this.#open) if (session.owns(ephemeralOwner)) return true;
    return false;
  }

  /** Makes entries and keeps them, in whichever sessions have room. One outcome for each, in their order. */
  async put(entries: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    for (const entry of entries) {
      const session = this.#withRoomFor(entry);
      session.adopt(entry);
      this.#homes.set(entry, session);
    }
    return this.#each(entries, (session, own) => session.make(own));
  }

  async update(entry: KeptEntry, data: Buffer): Promise<Outcome> {
    const session = this.#homes.get(entry);
    if (session) return session.update(entry, data);
    entry.data = data;
    return (await this.put([entry]))[0] ?? { at: entry.path };
  }

  async remove(entries: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    const outcomes = await this.#each(entries, (session, own) => session.remove(own));
    this.#closeEmpty();
    return outcomes;
  }

  /** Leaves entries to the end of their sessions. */
  abandon(entries: readonly KeptEntry[]): void {
    for (const [session, own] of this.#byHome(entries)) session.abandon(own);
    this.#closeEmpty();
  }

  /** Whether an entry is not where it was made, although its session lives. */
  async isGone(entry: KeptEntry): Promise<boolean> {
    const session = this.#homes.get(entry);
    const { at } = entry;
    if (session === undefined || at === undefined) return false;
    return (await session.client.exists(at)) === undefined && entry.at === at;
  }

  /** Somebody else deleted it: it is made again. */
  lost(entry: KeptEntry): void {
    entry.at = undefined;
    this.#homes.get(entry)?.repair();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    this.#leaseFollowers.clear();
    await Promise.all([...this.#closing, ...open.map((session) => session[Symbol.asyncDispose]())]);
    await this.#scope.close();
  }

  #withRoomFor(entry: KeptEntry): EntrySession {
    for (const session of this.#open) if (session.hasRoomFor(entry)) return session;
    const session = new EntrySession(this.#options, this.#parents, this.#context);
    this.#open.add(session);
    session.client.onState((state) => {
      if (state.tag === "connected" && state.renewed) this.#leases++;
      this.#tellLease();
    });
    return session;
  }

  async #each(
    entries: readonly KeptEntry[],
    work: (session: EntrySession, own: readonly KeptEntry[]) => Promise<readonly Outcome[]>,
  ): Promise<readonly Outcome[]> {
    const found = new Map<KeptEntry, Outcome>();
    const parts = [...this.#byHome(entries)].map(async ([session, own]) => {
      for (const [index, outcome] of (await work(session, own)).entries()) {
        const entry = own[index];
        if (entry) found.set(entry, outcome);
      }
    });
    await Promise.all(parts);
    return entries.map((entry) => found.get(entry) ?? { error: new Error(`${entry.path} is in no session`) });
  }

  #byHome(entries: readonly KeptEntry[]): ReadonlyMap<EntrySession, readonly KeptEntry[]> {
    const homes = new Map<EntrySession, KeptEntry[]>();
    for (const entry of entries) {
      const session = this.#homes.get(entry);
      if (!session) continue;
      const own = homes.get(session);
      if (own) own.push(entry);
      else homes.set(session, [entry]);
    }
    return homes;
  }

  /** One stays, for what comes next. */
  #closeEmpty(): void {
    for (const session of this.#open) {
      if (session.size > 0 || (!session.isAbandoned && this.#open.size === 1)) continue;
      this.#open.delete(session);
      const closed = session[Symbol.asyncDispose]().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
    this.#tellLease();
  }

  #followLease(set: (state: State<number>) => void): Disposable {
    this.#leaseFollowers.add(set);
    set(this.#leaseState());
    return { [Symbol.dispose]: () => void this.#leaseFollowers.delete(set) };
  }

  #tellLease(): void {
    if (this.#leaseFollowers.size === 0) return;
    const state = this.#leaseState();
    for (const set of this.#leaseFollowers) set(state);
  }

  #leaseState(): State<number> {
    const clients = [this.control, ...[...this.#open].map((session) => session.client)];
    const trouble = clients.map((client) => client.state).find((state) => state.tag !== "connected");
    if (trouble === undefined) return ok(this.#leases);
    const cause = causeOf(trouble);
    return cause ? failed(cause) : pending;
  }
}

/** What keeps a session from being known to live; nothing where it was not tried yet. */
function causeOf(state: SessionState): Error | undefined {
  if (state.tag === "expired") return new Error(`session ${state.sessionId} has expired`);
  return "cause" in state ? state.cause : undefined;
}
