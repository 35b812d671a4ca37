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
    const whys = await Promise.all(
      ours.map(async (router) => {
        const why = await this.#whyNotOn(router, { from: Path.read(from), to: Path.read(to) });
        return why !== undefined && !(await this.#hasNamesBelow(router, path, { from, to })) ? why : undefined;
      }),
    );
    // One router that can follow it is enough: others may know nothing of these names.
    return whys.includes(undefined) ? undefined : whys[0];
  }

  /** From then on the router's own dtab rules: it has to lead to where all goes now. */
  async whyNotAcknowledge({ plan, stage }: Shift): Promise<string | undefined> {
    const side: Side = stage.state === "done" ? "to" : "from";
    const ours = this.#parts.routers().filter(({ label }) => coversRouter(plan.scope, label));
    const whys = await Promise.all(ours.map((router) => this.#whyNotWithout(router, plan, side)));
    return whys.find((why) => why !== undefined);
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

  async #hasNamesBelow(router: ShiftedRouter, path: string, sides: Readonly<Record<Side, string>>): Promise<boolean> {
    const prefix = Path.read(path);
    const known =
      (await this.#parts.routes().catch(() => [])).find(({ label }) => label === router.label)?.routes ?? [];
    const below = known
      .map(({ name }) => Path.read(name))
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

  async #whyNotWithout(router: ShiftedRouter, { path, ...plan }: ShiftPlan, side: Side): Promise<string | undefined> {
    const [name, wanted] = [Path.read(path), Path.read(plan[side])];
    const there = await this.#look(router, wanted);
    // Of a prefix, and of what cannot be bound anyway, nothing can be told.
    if (there.verdict !== "bound") return undefined;
    const own = await this.#look(router, name, router.dtab);
    const isThere = own.ids.length > 0 && own.ids.every((id) => there.ids.includes(id));
    if (isThere || own.verdict === "unanswered") return undefined;
    const where = own.ids.length === 0 ? "to nothing" : `to ${own.ids.join(" and ")}`;
    return `without the shift the router ${router.label} leads ${path} ${where}: have its file lead it to ${plan[side]} first`;
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
