/** Where naming and traffic meet: follows what a logical name is bound to, and leads each exchange to a cluster. */
import { type Failure, failure, type FailureCode, failures, unavailable } from "../base/failure.ts";
import { observeAs } from "../base/observer.ts";
import type { Clock, Random } from "../base/time.ts";
import type { State, Var } from "../base/var.ts";
import type { Exchange } from "../http/exchange.ts";
import { fail, Filter } from "../http/filter.ts";
import { WaitLine } from "../cluster/wait-line.ts";
import { type NameTree, showTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import type { ClusterSource, Lead } from "./lead.ts";
import { showDuration } from "./show-duration.ts";
import { Rebound, type RouterSlots } from "./slots.ts";
import { Switch } from "./switch.ts";
import type { BindingView } from "./binding-view.ts";

/** What all routes of a router share. */
export interface BindingParts {
  readonly clusters: ClusterSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly slots: RouterSlots;
  readonly params: { readonly bindingTimeoutMs: number; readonly maxPending: number };
}

/** Told once, when the name first turns out to lead somewhere. */
export interface ProofListener {
  proven(): void;
}

/** The ends of an attempt that found nobody: where the name is bound anew, they are not the answer. */
const FOUND_NOBODY: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "connect.failed",
  "connect.timeout",
  "cluster.empty",
  "name.unavailable",
]);

/**
 * The last stage of a route. It follows its name from `start` to `close`, and keeps the clusters of the current tree
 * open; those of a former one stay until the last exchange on them has ended. An exchange that found nobody there, and
 * was not sent, is led through the new tree, once; it waits for that tree when the last one is known to be gone.
 */
export class Binding extends Filter {
  readonly #path: Path;
  readonly #parts: BindingParts;
  readonly #listener: ProofListener;
  /** There while somebody waits for the name. */
  #line: WaitLine | undefined;
  #state: State<NameTree<Bound>> = { tag: "pending" };
  #unavailable: Failure | undefined;
  #current: Switch | undefined;
  #next: Switch | undefined;
  #subscription: Disposable | undefined;
  #isProven = false;
  #closed = false;

  constructor(path: Path, parts: BindingParts, listener: ProofListener) {
    super();
    this.#path = path;
    this.#parts = parts;
    this.#listener = listener;
  }

  /** Whether the name was ever bound to anything. */
  get isProven(): boolean {
    return this.#isProven;
  }

  start(bound: Var<NameTree<Bound>>): void {
    const subscription = observeAs(bound, this);
    if (this.#closed) subscription[Symbol.dispose]();
    else this.#subscription = subscription;
  }

  override dispatch(x: Exchange): void {
    x.numbers[this.#parts.slots.rebound] = Rebound.no;
    this.#lead(x);
  }

  override respond(x: Exchange): void {
    if (x.failure === undefined) return this.prev.respond(x);
    const rebound = this.#reboundAfter(x, x.failure);
    if (rebound === Rebound.no) return this.prev.respond(x);
    x.numbers[this.#parts.slots.rebound] = rebound;
    x.abandon();
  }

  override finish(x: Exchange): void {
    const { slots } = this.#parts;
    const lead = x.values[slots.lead] as Lead | undefined;
    if (lead !== undefined) {
      x.values[slots.lead] = undefined;
      lead.release();
    }
    const rebound = x.numbers[slots.rebound];
    if (rebound !== Rebound.now && rebound !== Rebound.soon) return this.prev.finish(x);
    x.numbers[slots.rebound] = Rebound.done;
    x.resetAttempt();
    if (rebound === Rebound.now) this.#lead(x);
    else this.#wait(x);
  }

  /** The ids of the bound names that it has clusters of now. */
  get clusters(): readonly string[] {
    return this.#current?.clusters ?? [];
  }

  view(): BindingView {
    const state = this.#state;
    const stale = state.tag === "ok" ? state.stale : undefined;
    return {
      state: state.tag,
      ...(state.tag === "ok" ? { tree: showTree(state.value, (bound) => bound.id.show) } : {}),
      ...(state.tag === "failed" ? { cause: state.cause.message } : {}),
      ...(stale ? { stale: { since: stale.since, cause: stale.cause.message } } : {}),
      clusters: this.clusters,
      switching: this.#next !== undefined,
      parked: this.#line?.size ?? 0,
    };
  }

  /** Lets the name go. Exchanges that wait for it fail; those on their way keep their cluster. */
  close(): void {
    this.#closed = true;
    this.#subscription?.[Symbol.dispose]();
    this.#failAll(failures["name.unavailable"]);
    this.#next?.[Symbol.dispose]();
    this.#current?.[Symbol.dispose]();
    this.#next = undefined;
    this.#current = undefined;
  }

  #lead(x: Exchange): void {
    const current = this.#current;
    if (current === undefined) return this.#wait(x);
    const chosen = current.choice.choose();
    if ("code" in chosen) return fail(this.prev, x, chosen);
    this.#follow(x, chosen);
  }

  /** Whether an attempt that failed goes on in another tree than the one by which it came here. */
  #reboundAfter(x: Exchange, why: Failure): number {
    const { slots } = this.#parts;
    const lead = x.values[slots.lead] as Lead | undefined;
    if (lead === undefined || x.numbers[slots.rebound] !== Rebound.no) return Rebound.no;
    if (this.#current === undefined || x.sent || x.requestBody.started) return Rebound.no;
    if (!FOUND_NOBODY.has(why.code)) return Rebound.no;
    // Nobody is left to serve until the addresses of the new clusters are known: there, exchanges can wait for them.
    if (this.#next !== undefined && !this.#current.choice.isOpen) this.#install(this.#next);
    if (!this.#current.has(lead)) return Rebound.now;
    return lead.cluster.isGone && !this.#current.choice.isOpen ? Rebound.soon : Rebound.no;
  }

  #follow(x: Exchange, lead: Lead): void {
    const { slots } = this.#parts;
    const { headers } = x.request;
    x.values[slots.lead] = lead;
    lead.take();
    if (x.numbers[slots.retries] !== 0 || x.numbers[slots.rebound] !== Rebound.no) {
      headers.remove("l5d-dst-client");
      headers.remove("l5d-dst-residual");
    }
    lead.mark(headers);
    x.routeTier = this;
    lead.first.dispatch(x);
  }

  #wait(x: Exchange): void {
    if (this.#closed) return fail(this.prev, x, failures["name.unavailable"]);
    if (this.#unavailable !== undefined) return fail(this.prev, x, this.#unavailable);
    this.#line ??= this.#newLine();
    if (!this.#line.park(x)) fail(this.prev, x, failures["cluster.overloaded"]);
  }

  #newLine(): WaitLine {
    const { clock, params } = this.#parts;
    const { maxPending: capacity, bindingTimeoutMs: waitMs } = params;
    const text = `Exceeded ${showDuration(waitMs)} binding timeout while resolving name: ${this.#path.show}`;
    return new WaitLine({ clock, capacity, waitMs, late: failure("name.timeout", text) }, this);
  }

  #failAll(why: Failure): void {
    this.#line?.failAll(why);
    this.#leaveLine();
  }

  #leaveLine(): void {
    if (this.#line?.size === 0) this.#line = undefined;
  }

  /** Of what is followed. */
  heard(state: State<NameTree<Bound>>): void {
    if (this.#closed) return;
    const before = this.#state;
    this.#state = state;
    if (state.tag === "ok") {
      if (before.tag !== "ok" || before.value !== state.value) this.#prepare(state.value);
      // What was held is believed, and the name is bound as it was: who waited for another tree waits in vain.
      else if (before.held !== undefined && state.held === undefined && this.#next === undefined) this.#leadAll();
    } else if (state.tag === "failed" && this.#current === undefined) {
      this.#unavailable = unavailable(this.#path.show, state.cause);
      this.#failAll(this.#unavailable);
    }
  }

  /** The new tree takes over when its clusters are known, or the time is up; the first one takes over at once. */
  #prepare(tree: NameTree<Bound>): void {
    const { clusters, random, clock, params } = this.#parts;
    const next = new Switch(tree, clusters, { random, name: this.#path.show });
    // Made before the old ones go, so that clusters in both are never closed in between.
    this.#next?.[Symbol.dispose]();
    this.#next = next;
    if (this.#current === undefined) this.#install(next);
    else next.whenKnown(() => this.#install(next), clock, params.bindingTimeoutMs);
  }

  #install(next: Switch): void {
    if (this.#next !== next) return;
    next.stopWaiting();
    const before = this.#current;
    this.#current = next;
    this.#next = undefined;
    this.#unavailable = undefined;
    before?.[Symbol.dispose]();
    if (!this.#isProven && next.clusters.length > 0) {
      this.#isProven = true;
      this.#listener.proven();
    }
    this.#leadAll();
  }

  #leadAll(): void {
    const line = this.#line;
    for (let left = line?.size ?? 0; left > 0; left--) {
      const x = line?.take();
      if (x !== undefined) this.#lead(x);
    }
    this.#leaveLine();
  }
}
