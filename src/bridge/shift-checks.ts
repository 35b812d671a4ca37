/** Looks, before an order is taken, whether it would move callers to where nobody is: by the resolver of the data path. */
import type { BoundRoutes } from "../base/bound-routes.ts";
import type { Clock } from "../base/time.ts";
import type { Var } from "../base/var.ts";
import { nearest } from "../config/nearest.ts";
import type { Delegation } from "../naming/delegation.ts";
import { Dtab } from "../naming/dtab.ts";
import { type Explanation, explanationOf } from "../naming/explanation.ts";
import { Path } from "../naming/path.ts";
import { settled } from "../naming/settled.ts";
import { noAnswer } from "../naming/verdict.ts";
import { coversRouter } from "./shift-scope.ts";
import type { Shift, ShiftPlan, Side } from "./shift.ts";
import type { ShiftedRouter } from "./shifted-name.ts";

export interface ShiftChecksParts {
  readonly routers: () => readonly ShiftedRouter[];
  readonly routes: () => Promise<readonly BoundRoutes[]>;
  readonly clock: Clock;
}

type Look = Pick<Explanation, "verdict" | "message"> & { readonly ids: readonly string[] };

/** Where a router's own dtab leads the name of a shift: to the side where all goes now, as far as that can be told, or not. */
interface End {
  readonly tag: "there" | "elsewhere" | "nowhere";
  readonly why?: string;
}

const TIMEOUT_MS = 2_000;
/** What has failed may be what a registry needs a moment to recover from. */
const RECOVERY_MS = 250;
/** Of the names below a prefix: one that is on both sides is enough. */
const MOST_LOOKS = 20;
const unasked: Look = { verdict: noAnswer.kind, message: noAnswer.message, ids: [] };

export class ShiftChecks {
  readonly #parts: ShiftChecksParts;

  constructor(parts: ShiftChecksParts) {
    this.#parts = parts;
  }

  /** A side that nobody is on leaves all to the other one: unwatched, and at once. */
  async whyNotBegin({ path, from, to, scope: { routers } }: ShiftPlan): Promise<string | undefined> {
    const all = this.#parts.routers();
    const ours = all.filter(({ label }) => coversRouter({ ...(routers && { routers }) }, label));
    if (ours.length === 0) return noRouter(routers ?? [], all);
    const whys = await Promise.all(ours.map((router) => this.#whyNotBeginOn(router, Path.read(path), { from, to })));
    // One router that can follow it is enough: others may know nothing of these names.
    return whys.includes(undefined) ? undefined : whys[0];
  }

  /** From then on the router's own dtab rules: it has to lead to where all goes now. */
  async whyNotAcknowledge({ plan, stage }: Shift): Promise<string | undefined> {
    const side: Side = stage.state === "done" ? "to" : "from";
    const ours = this.#parts.routers().filter(({ label }) => coversRouter(plan.scope, label));
    const ends = await Promise.all(ours.map((router) => this.#endWithout(router, plan, side)));
    const wrong = ends.find(({ tag }) => tag === "elsewhere");
    // Routers that know nothing of the name have nothing to do with it, where another one does.
    const nowhere = ends.every(({ tag }) => tag === "nowhere") ? ends[0] : undefined;
    return (wrong ?? nowhere)?.why;
  }

  async #whyNotBeginOn(
    router: ShiftedRouter,
    path: Path,
    sides: Readonly<Record<Side, string>>,
  ): Promise<string | undefined> {
    const why = await this.#whyNotOn(router, { from: Path.read(sides.from), to: Path.read(sides.to) });
    const known =
      (await this.#parts.routes().catch(() => [])).find(({ label }) => label === router.label)?.routes ?? [];
    const names = known.map(({ name }) => name);
    if (why !== undefined) return (await this.#hasNamesBelow(router, path, sides, names)) ? undefined : why;
    const own = await this.#look(router, path, router.dtab);
    if (own.verdict !== "nothing" || own.ids.length > 0) return undefined;
    const meant = nearest(path.show, names);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return `no rule of the router ${router.label} leads ${path.show} anywhere, so nobody asks for it${hint}`;
  }

  async #whyNotOn(router: ShiftedRouter, sides: Readonly<Record<Side, Path>>): Promise<string | undefined> {
    const looks = await Promise.all(
      (["from", "to"] as const).map(async (side) => [side, await this.#look(router, sides[side])] as const),
    );
    for (const [side, { verdict, message }] of looks) {
      if (verdict !== "bound")
        return `\`${side}\` (${sides[side].show}) cannot be used on the router ${router.label}: all would go to the other side. ${message}`;
    }
    return undefined;
  }

  async #hasNamesBelow(
    router: ShiftedRouter,
    prefix: Path,
    sides: Readonly<Record<Side, string>>,
    names: readonly string[],
  ): Promise<boolean> {
    const below = names
      .map((name) => Path.read(name))
      .filter((name) => name.size > prefix.size && name.startsWith(prefix));
    const whys = await Promise.all(
      below.slice(0, MOST_LOOKS).map((name) => {
        const rest = name.drop(prefix.size);
        return this.#whyNotOn(router, {
          from: Path.read(sides.from).concat(rest),
          to: Path.read(sides.to).concat(rest),
        });
      }),
    );
    return whys.includes(undefined);
  }

  async #endWithout(router: ShiftedRouter, { path, ...plan }: ShiftPlan, side: Side): Promise<End> {
    const there = await this.#look(router, Path.read(plan[side]));
    // Of a prefix, and of what cannot be bound anyway, nothing can be told.
    if (there.verdict !== "bound") return { tag: "there" };
    const own = await this.#look(router, Path.read(path), router.dtab);
    const isThere = own.ids.length > 0 && own.ids.every((id) => there.ids.includes(id));
    if (isThere || own.verdict === "unanswered") return { tag: "there" };
    const where = own.ids.length === 0 ? "to nothing" : `to ${own.ids.join(" and ")}`;
    const why = `without the shift the router ${router.label} leads ${path} ${where}: have its file lead it to ${plan[side]} first`;
    return { tag: own.ids.length === 0 ? "nowhere" : "elsewhere", why };
  }

  /** By the router's dtab as it is, or by the one that is given. */
  async #look({ interpreter }: ShiftedRouter, name: Path, dtab?: Dtab): Promise<Look> {
    const explain = (): Var<Delegation> | undefined =>
      dtab === undefined ? interpreter.delegate(Dtab.empty, name) : interpreter.delegateBy?.(dtab, name);
    const first = explain();
    if (first === undefined) return unasked;
    const { clock } = this.#parts;
    const about = { timeoutMs: TIMEOUT_MS, recoveryMs: RECOVERY_MS, othersMs: RECOVERY_MS, clock };
    const delegation = await settled({ explain: () => explain() ?? first, ...about });
    if (delegation === undefined) return unasked;
    const { verdict, message, chosen } = explanationOf(delegation, () => ({ source: "router" }));
    return { verdict, message, ids: [...new Set(chosen.map(({ id }) => id))] };
  }
}

function noRouter(wanted: readonly string[], all: readonly ShiftedRouter[]): string {
  const labels = all.map(({ label }) => label);
  const meant = nearest(wanted[0] ?? "", labels);
  const hint = meant === undefined ? `there are ${labels.join(", ")}` : `did you mean ${meant}?`;
  return `no router has the label ${wanted.join(" or ")}; ${hint}`;
}
