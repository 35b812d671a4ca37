/** One namer joined to one announcer for a selected set of names. */
import { soonAborted } from "../base/within.ts";
import { showSource } from "../config/mirror-schema.ts";
import type { Election } from "../naming/announcer.ts";
import { comparedIn } from "./compared-names.ts";
import type { ComparedName } from "./drift.ts";
import type { Drift } from "./drift-book.ts";
import { DriftWatch } from "./drift-watch.ts";
import { MirrorEvents } from "./mirror-events.ts";
import type { MirrorParts } from "./mirror-parts.ts";
import type { AppliedWrite, MirrorApplied, MirrorPlan, MirrorWithdrawn } from "./mirror-plan.ts";
import { MIRROR_DEFAULTS, type MirrorRules } from "./mirror-rules.ts";
import { MirrorSelection } from "./mirror-selection.ts";
import { MirrorSeries } from "./mirror-series.ts";
import type { Approval, Approved, MirrorRole, MirrorStatus } from "./mirror-status.ts";
import { MirrorTerm } from "./mirror-term.ts";
import { planOf, termStatus } from "./mirror-view.ts";
import { withdrawAll } from "./mirror-withdrawal.ts";
import type { MirroredName } from "./mirrored-name.ts";
import { otherLeader } from "./other-leader.ts";

/** A plan is made of what is known after so many times what one call may take. */
const PLAN_PATIENCE = 2;
/** `apply` gives a target up that failed so often in a row. */
const APPLY_TRIES = 3;

type TermKind = "run" | "apply" | "apply approved" | "plan";

/**
 * Opens nothing until asked. Disposing it lets go of the targets and leaves what stands there, to the lease's end or to
 * the next member of the group; `withdraw` takes it away.
 */
export class Mirror implements AsyncDisposable {
  readonly #parts: MirrorParts;
  readonly #rules: MirrorRules;
  readonly #selection: MirrorSelection;
  readonly #events: MirrorEvents;
  readonly #series: MirrorSeries;
  readonly #drift: DriftWatch;
  #election: Election | undefined;
  #following: Disposable | undefined;
  #leads = false;
  #leader: string | undefined;
  #term: MirrorTerm | undefined;
  #isClosed = false;
  /** Terms come one after another: an announcer has one announcement for a path at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #applied: ((write: AppliedWrite) => void) | undefined;

  /** Throws an Error when the namer cannot list what is asked of it. */
  constructor(parts: MirrorParts) {
    const { source, target, rules, log, clock, metrics, name } = parts;
    this.#parts = parts;
    this.#rules = { ...MIRROR_DEFAULTS, ...rules };
    this.#selection = new MirrorSelection(source.path, target);
    if (!source.namer.instances) throw new Error("the source cannot list instances");
    if (this.#selection.isOpen && !source.namer.names)
      throw new Error('the source cannot list names, so "*" has no meaning');
    this.#events = new MirrorEvents(log.with({ mirror: name }), clock);
    this.#series = new MirrorSeries({ mirror: name, metrics, clock, status: () => this.status() });
    const compared = (): readonly ComparedName[] => (this.#term ? comparedIn(this.#term) : []);
    this.#drift = new DriftWatch({ mirror: name, metrics, clock, compared });
  }

  get name(): string {
    return this.#parts.name;
  }

  /**
   * What would be written now. Writes nothing, and does not ask who leads. What is not known in time, or when `signal`
   * aborts, is shown as trouble.
   */
  plan(signal: AbortSignal): Promise<MirrorPlan> {
    return this.#inTurn(() => this.#looked(signal, (term) => planOf(this.name, term)));
  }

  /** What should stand and what does, as `plan` reads it, of all targets. */
  compare(signal: AbortSignal): Promise<readonly ComparedName[]> {
    return this.#inTurn(() => this.#looked(signal, comparedIn));
  }

  /** By what was read last; nothing is known while another member leads. */
  get drift(): Drift {
    return this.#drift.drift;
  }

  /**
   * Does it once, if this member leads, and returns when nothing is left that may be done now, or `signal` aborts. An
   * approval is for all that is absent.
   */
  async apply(signal: AbortSignal, approval?: Approval): Promise<MirrorApplied> {
    const election = this.#election ?? this.#parts.announcer.elect(this.#parts.owner);
    try {
      const leader = await otherLeader(election, signal);
      if (leader !== undefined) return { mirror: this.name, leader, writes: [], left: await this.plan(signal) };
      return await this.#inTurn(() => this.#applyOnce(signal, approval));
    } finally {
      if (election !== this.#election) await election[Symbol.asyncDispose]();
    }
  }

  /** Keeps it true from now on, while this member leads, until the mirror is disposed. */
  run(): void {
    if (this.#election || this.#isClosed) return;
    this.#election = this.#parts.announcer.elect(this.#parts.owner);
    this.#following = this.#election.state.observe((state) => {
      const value = state.tag === "ok" ? state.value : undefined;
      this.#leader = value?.leader;
      this.#lead(value?.leads === true);
    });
  }

  status(): MirrorStatus {
    const { name, owner, source, target } = this.#parts;
    return {
      mirror: name,
      group: owner.group,
      member: owner.member,
      role: this.#role,
      ...(this.#leader === undefined ? {} : { leader: this.#leader }),
      source: showSource(source.path),
      target: showSource(target),
      ...termStatus(this.#term),
    };
  }

  /** Of what is held now; logged with who and why. */
  approve({ by, why, target }: Approval): Approved {
    const removals = this.#term?.approve(target) ?? 0;
    this.#events.approved({ by, why, removals, ...(target === undefined ? {} : { target }) });
    return { removals };
  }

  /** Ends `run` and removes what the mirror's group published, if this member leads. */
  async withdraw(signal: AbortSignal): Promise<MirrorWithdrawn> {
    await this.#stop();
    await using election = this.#parts.announcer.elect(this.#parts.owner);
    const leader = await otherLeader(election, signal);
    const writes = leader === undefined ? await this.#inTurn(() => withdrawAll(this.#parts, this.#rules, signal)) : [];
    for (const { op, outcome } of writes) this.#series.wrote(op, outcome);
    return { mirror: this.name, ...(leader === undefined ? {} : { leader }), writes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#stop();
    await this.#series[Symbol.asyncDispose]();
    await this.#drift[Symbol.asyncDispose]();
  }

  get #role(): MirrorRole {
    if (this.#isClosed) return "closed";
    if (!this.#election) return "idle";
    if (this.#leads) return "leading";
    return this.#leader === undefined ? "waiting" : "following";
  }

  async #stop(): Promise<void> {
    this.#following?.[Symbol.dispose]();
    this.#following = undefined;
    this.#lead(false);
    await this.#turn;
    const election = this.#election;
    this.#election = undefined;
    await election?.[Symbol.asyncDispose]();
  }

  #lead(leads: boolean): void {
    if (leads === this.#leads) return;
    this.#leads = leads;
    const { member } = this.#parts.owner;
    if (leads) this.#events.leads(member);
    else this.#events.leadsNoMore(member);
    // What is under way must end at once, whoever has the turn.
    if (!leads) this.#term?.stop();
    void this.#inTurn(() => this.#reconcile()).catch((error: unknown) => this.#events.failed({ cause: String(error) }));
  }

  async #reconcile(): Promise<void> {
    const term = this.#term;
    if (term?.signal.aborted === true) {
      this.#term = undefined;
      await term.close();
    }
    if (!this.#leads || this.#term) return;
    this.#term = this.#newTerm("run");
    this.#term.start();
  }

  async #applyOnce(signal: AbortSignal, approval: Approval | undefined): Promise<MirrorApplied> {
    const writes: AppliedWrite[] = [];
    this.#applied = (write) => void writes.push(write);
    const running = this.#term;
    const term = running ?? this.#newTerm(approval ? "apply approved" : "apply");
    try {
      if (!running) term.start();
      if (approval)
        this.#events.approved({ by: approval.by, why: approval.why, removals: term.approve(approval.target) });
      await term.until(() => term.isFound && term.names.every(isApplied), signal).catch(() => undefined);
      return { mirror: this.name, writes, left: planOf(this.name, term) };
    } finally {
      this.#applied = undefined;
      if (!running) await term.close();
    }
  }

  async #looked<T>(signal: AbortSignal, read: (term: MirrorTerm) => T): Promise<T> {
    if (this.#term) return read(this.#term);
    using patience = soonAborted({ clock: this.#parts.clock, ms: PLAN_PATIENCE * this.#rules.timeoutMs, signal });
    const term = this.#newTerm("plan");
    term.start();
    const isKnown = ({ trouble, isQuiet }: MirroredName): boolean => isQuiet || trouble.failures > 0;
    await term.until(() => term.isFound && term.names.every(isKnown), patience.signal).catch(() => undefined);
    const seen = read(term);
    await term.close();
    return seen;
  }

  #newTerm(kind: TermKind): MirrorTerm {
    return new MirrorTerm({
      parts: this.#parts,
      rules: this.#rules,
      selection: this.#selection,
      events: this.#events,
      isDry: kind === "plan",
      isApproved: kind === "apply approved",
      wrote: (write) => {
        this.#series.wrote(write.op, write.outcome);
        this.#applied?.(write);
      },
      repaired: () => this.#series.repaired(),
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Whether nothing is left that may be done now. */
function isApplied({ trouble, isQuiet, pending, held, history }: MirroredName): boolean {
  if (trouble.failures >= APPLY_TRIES) return true;
  const isWaiting = history.isSound && held.some(({ needs }) => needs === "cycles");
  return isQuiet && pending.length === 0 && !isWaiting;
}
