/** The shifts of a daemon: what the store orders, what this host overrides, and the dtab that comes of both. */
import { ok, Var } from "../base/var.ts";
import type { Dtab } from "../naming/dtab.ts";
import { noShift } from "./no-shift.ts";
import { overlayOf, type Weighted } from "./shift-overlay.ts";
import type { Overrides } from "./shift-override.ts";
import { begin, follow, type Order, type Ordered } from "./shift-orders.ts";
import { ShiftRecords, type ShiftsParts } from "./shift-records.ts";
import { coversHost, coversRouter, type HostIdentity, mayMeet } from "./shift-scope.ts";
import { type Shift, type ShiftPlan, type Verb, type Weights, weightsOf } from "./shift.ts";

/** So often an order is tried again that others came before. */
const TRIES = 5;

/** Works from its construction until it is disposed. It owns no store. */
export class Shifts implements Disposable {
  readonly #records: ShiftRecords;
  readonly #listeners = new Set<() => void>();
  readonly #overlays = new Map<string, Var<Dtab>>();
  #overrides: Overrides = new Map();
  #host: HostIdentity = { name: "" };

  constructor(parts: ShiftsParts) {
    this.#records = new ShiftRecords(parts, () => this.#tell());
  }

  /** Every shift that is known, by name. */
  get all(): readonly Shift[] {
    return this.#records.all.toSorted((a, b) => (a.plan.name < b.plan.name ? -1 : 1));
  }

  get overrides(): Overrides {
    return this.#overrides;
  }

  /** The store, and whether it can be asked. */
  get store(): ShiftRecords["view"] {
    return this.#records.view;
  }

  /** Resolves when the store, or what is remembered of it, has answered once; at the latest after `withinMs`. */
  whenKnown(withinMs: number): Promise<void> {
    return this.#records.whenKnown(withinMs);
  }

  override(overrides: Overrides): void {
    this.#overrides = overrides;
    this.#tell();
  }

  get host(): HostIdentity {
    return this.#host;
  }

  /** Where this daemon is: without a name until it is said, and then no shift of some hosts is of this one. */
  locate(host: HostIdentity): void {
    this.#host = host;
    this.#tell();
  }

  /** Whether this host is in the scope of the shift; what it overrides itself, it always is. */
  covers({ plan: { name, scope } }: Pick<Shift, "plan">): boolean {
    return this.#overrides.has(name) || coversHost(scope, name, this.#host);
  }

  /** Calls `fn` after every change, until disposed. */
  listen(fn: () => void): Disposable {
    this.#listeners.add(fn);
    return { [Symbol.dispose]: () => void this.#listeners.delete(fn) };
  }

  /** What lies over the dtab of that router. It is known from the first. */
  overlay(router: string): Var<Dtab> {
    let overlay = this.#overlays.get(router);
    if (overlay === undefined) {
      overlay = Var.source<Dtab>(
        (set) => {
          set(ok(this.#dtabOf(router)));
          return this.listen(() => set(ok(this.#dtabOf(router))));
        },
        { equals: (a, b) => a.equals(b) },
      );
      this.#overlays.set(router, overlay);
    }
    return overlay;
  }

  /** What is given to each side now: by the override of this host, or as ordered; nothing where it is not in scope. */
  weights(shift: Shift): Weights | undefined {
    return this.#overrides.get(shift.plan.name) ?? (this.covers(shift) ? weightsOf(shift) : undefined);
  }

  /** Rejects where the store cannot be asked. */
  async begin(plan: ShiftPlan, verb: "plan" | "start", order: Order): Promise<Ordered> {
    const clash = this.#records.all.find((other) => {
      const { name, path, scope } = other.plan;
      const isSame = path === plan.path && name !== plan.name && mayMeet(scope, plan.scope);
      return isSame && weightsOf(other) !== undefined;
    });
    if (clash !== undefined) {
      return { tag: "refused", why: `${clash.plan.name} shifts ${plan.path} already`, shift: clash };
    }
    return this.#change(plan.name, (before) => begin(before, plan, verb, order));
  }

  /**
   * The way back is taken here at once, and told the store as soon as it can be; all else is for the store to allow.
   * Rejects where the store cannot be asked.
   */
  async order(name: string, verb: Exclude<Verb, "plan" | "start">, order: Order): Promise<Ordered> {
    if (verb !== "rollback" && verb !== "breach") {
      // A step is judged anew where something came between, be it that very step, whose answer was lost.
      const tries = verb === "advance" || verb === "finish" ? 1 : TRIES;
      return this.#change(name, (shift) => this.#followed(name, shift, verb, order), tries);
    }
    const ordered = this.#followed(name, this.#records.get(name), verb, order);
    if (ordered.tag === "changed") await this.#records.takeNow(ordered.shift);
    return ordered;
  }

  [Symbol.dispose](): void {
    this.#records[Symbol.dispose]();
    this.#listeners.clear();
  }

  async #change(name: string, next: (before: Shift | undefined) => Ordered, most = TRIES): Promise<Ordered> {
    for (let tries = 0; tries < most; tries++) {
      const ordered = next(this.#records.get(name));
      if (ordered.tag !== "changed") return ordered;
      if (await this.#records.write(ordered.shift)) return ordered;
    }
    return { tag: "refused", why: `others change ${name} at the same time` };
  }

  #dtabOf(router: string): Dtab {
    const weighted = this.#records.all.flatMap((shift): Weighted[] => {
      const { plan } = shift;
      const weights = this.weights(shift);
      return weights !== undefined && coversRouter(plan.scope, router) ? [{ plan, weights }] : [];
    });
    return overlayOf(weighted);
  }

  #followed(name: string, shift: Shift | undefined, verb: Exclude<Verb, "plan" | "start">, order: Order): Ordered {
    return shift === undefined ? noShift(name, this.#records.all) : follow(shift, verb, order);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
