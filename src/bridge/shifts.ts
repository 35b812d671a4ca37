/** The shifts of a daemon: what the store orders, what this host overrides, and the dtab that comes of both. */
import { ok, Var } from "../base/var.ts";
import type { Dtab } from "../naming/dtab.ts";
import { overlayOf, type Weighted } from "./shift-overlay.ts";
import type { Overrides } from "./shift-override.ts";
import { begin, follow, type Order, type Ordered } from "./shift-orders.ts";
import { ShiftRecords, type ShiftsParts } from "./shift-records.ts";
import { type Shift, type ShiftPlan, type Verb, type Weights, weightsOf } from "./shift.ts";

/** So often an order is tried again that others came before. */
const TRIES = 5;

/** Works from its construction until it is disposed. It owns no store. */
export class Shifts implements Disposable {
  readonly #records: ShiftRecords;
  readonly #listeners = new Set<() => void>();
  readonly #overlays = new Map<string, Var<Dtab>>();
  #overrides: Overrides = new Map();

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

  /** What is given to each side now: by the override of this host, or as ordered. */
  weights(shift: Shift): Weights | undefined {
    return this.#overrides.get(shift.plan.name) ?? weightsOf(shift);
  }

  /** Rejects where the store cannot be asked. */
  async begin(plan: ShiftPlan, verb: "plan" | "start", order: Order): Promise<Ordered> {
    const clash = this.#records.all.find(({ plan: { name, path, router }, stage }) => {
      const isSame =
        path === plan.path && (router === undefined || plan.router === undefined || router === plan.router);
      return isSame && name !== plan.name && weightsOf({ plan, stage }) !== undefined;
    });
    if (clash !== undefined) return { tag: "refused", why: `${clash.plan.name} shifts ${plan.path} already` };
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
      return this.#change(name, (shift) => followed(name, shift, verb, order), tries);
    }
    const ordered = followed(name, this.#records.get(name), verb, order);
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
      const isOfRouter = plan.router === undefined || plan.router === router;
      return weights !== undefined && isOfRouter ? [{ plan, weights }] : [];
    });
    return overlayOf(weighted);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function followed(
  name: string,
  shift: Shift | undefined,
  verb: Exclude<Verb, "plan" | "start">,
  order: Order,
): Ordered {
  return shift === undefined ? { tag: "refused", why: `there is no shift ${name}` } : follow(shift, verb, order);
}
