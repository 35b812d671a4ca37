/** Opens the interpreter of one router: who binds its names, and by which dtab. */
import { SourceGuard } from "./base/guard.ts";
import { silentLog } from "./base/log.ts";
import type { MetricSpec } from "./base/metrics.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { OutageLog } from "./base/outage-log.ts";
import type { Scope } from "./base/scope.ts";
import { type State, Var, withTrouble } from "./base/var.ts";
import type { RouterConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import type { InterpreterContext, PluginContext } from "./config/plugin.ts";
import type { Dtab } from "./naming/dtab.ts";
import type { DtabSource } from "./naming/dtab-source.ts";
import { DtabInterpreter, type Interpreter } from "./naming/interpreter.ts";
import { gaugeNamer } from "./naming/namer-gauges.ts";
import type { NamerEntry } from "./naming/namer-table.ts";
import type { Namer } from "./naming/namer.ts";
import { OverlaidDtab } from "./naming/overlaid-dtab.ts";
import { Path } from "./naming/path.ts";
import { FreshLooks } from "./snapshot/fresh-looks.ts";
import { Memory } from "./snapshot/memory.ts";
import { RememberedDtab } from "./snapshot/remembered-dtab.ts";
import { RememberingNamer } from "./snapshot/remembering-namer.ts";

const UPDATES: MetricSpec = {
  name: "linkspan_dtab_updates_total",
  type: "counter",
  help: "Versions that a router took of its dtab that lies in a file or a registry.",
  labels: ["router"],
};
const DENTRIES: MetricSpec = {
  name: "linkspan_dtab_dentries",
  type: "gauge",
  help: "Rules of a router's dtab that lies in a file or a registry.",
  labels: ["router"],
};
const STALE: MetricSpec = {
  name: "linkspan_dtab_stale_seconds",
  type: "gauge",
  help: "For how long a router's dtab in a file or a registry has not been confirmed; 0 when it is.",
  labels: ["router"],
};

/** For the table in the docs. */
export const DTAB_METRICS: readonly MetricSpec[] = [UPDATES, DENTRIES, STALE];

/** A source that is away again so soon after is told of once. */
const FLAPPING_MS = 5_000;

export interface OpenInterpreter {
  /** Its label. */
  readonly router: string;
  readonly kind: string;
  readonly interpreter: Interpreter;
}

/** What the names that a router's interpreter follows begin with, for people and their orders. */
export const interpreterPrefix = (router: string): Path => Path.of("interpreters", router);

export interface InterpreterParts {
  readonly router: RouterConfig;
  /** Its `label` and `log` are the router's. */
  readonly context: PluginContext;
  readonly namers: readonly NamerEntry[];
  readonly systemNamers: ReadonlyMap<string, Namer>;
  readonly memory: Memory | undefined;
  /** What lies over the router's own dtab, if anything may. */
  readonly overlay?: Var<Dtab> | undefined;
}

/** Rejects with PluginNotCreated. What was opened belongs to `owner`. */
export async function openInterpreter(parts: InterpreterParts, owner: Scope): Promise<Interpreter> {
  const { router, context, namers, systemNamers, overlay } = parts;
  const dtab = overlay === undefined ? Var.of(router.dtab) : new OverlaidDtab(router.dtab, overlay);
  const given: InterpreterContext = {
    ...context,
    dtab,
    interpret(source) {
      if (source === undefined) return new DtabInterpreter({ dtab, namers, systemNamers });
      const below = new SourcedDtab(source, parts, owner);
      return new DtabInterpreter({
        dtab: layered(below.dtab, dtab),
        below: below.dtab,
        namers,
        systemNamers,
        source: below,
      });
    },
    remember: (open) => remembered(open, parts, owner),
  };
  return owner.own(await createPlugin(router.interpreter, "interpreter", given));
}

function remembered(open: (context: PluginContext) => Namer, parts: InterpreterParts, owner: Scope): Namer {
  const { memory, router } = parts;
  // Its names are told from those of namers, whose labels are their prefixes.
  const label = interpreterPrefix(router.label).show;
  const context: PluginContext = { ...parts.context, label };
  const { clock, random, log, guard } = context;
  const asked = open(context);
  const unheard = { ...context, log: silentLog, metrics: new MetricsRegistry(), guard: { ...guard, holdMs: 0 } };
  const namer = owner.own(
    memory === undefined
      ? asked
      : new RememberingNamer({
          namer: asked,
          memory: memory.of(label),
          guard: new SourceGuard(guard, clock, random, log),
          looks: new FreshLooks(async () => open(unheard), clock),
          clock,
        }),
  );
  gaugeNamer(namer, context, owner);
  return namer;
}

/** One dtab with another over it. Both together are made once for each pair, and not again for what is only confirmed. */
function layered(below: Var<Dtab>, over: Var<Dtab>): Var<Dtab> {
  let last: { readonly below: Dtab; readonly over: Dtab; readonly both: Dtab } | undefined;
  return Var.combine<Dtab, Dtab>([below, over], ([lower, upper]) => {
    if (lower?.tag !== "ok") return lower ?? { tag: "pending" };
    if (upper?.tag !== "ok") return upper ?? { tag: "pending" };
    if (last?.below !== lower.value || last.over !== upper.value) {
      last = { below: lower.value, over: upper.value, both: lower.value.concat(upper.value) };
    }
    return withTrouble({ ...lower, value: last.both }, upper);
  });
}

/**
 * The dtab of a source, followed until `owner` closes: by who has a memory, such as a daemon, at once, since what was good
 * at its start is to serve the first name; by others from the first time that it is observed.
 */
class SourcedDtab {
  readonly dtab: Var<Dtab>;
  readonly #place: string;
  /** The place as a path: of what an operator orders. */
  readonly #name: string;
  readonly #guard: SourceGuard;
  #following: RememberedDtab | undefined;
  #isKept = false;

  constructor(source: DtabSource, { router, context, memory }: InterpreterParts, owner: Scope) {
    const { clock, random, log, metrics, guard } = context;
    owner.defer(async () => source[Symbol.asyncDispose]?.());
    this.#guard = owner.own(new SourceGuard(guard, clock, random, log));
    this.#place = source.place;
    this.#name = Path.of(...source.place.split("/").filter((each) => each !== "")).show;
    const place = { place: source.place };
    const outages = new OutageLog(log, clock, { failed: "dtab.stale", recovered: "dtab.recovered" }, FLAPPING_MS);
    const outage = {
      failed: (cause: Error): void => outages.failed(cause, place),
      succeeded: (): void => outages.succeeded(place),
    };
    const shelf = (memory ?? new Memory()).dtabsOf(router.label);
    const followed = Var.source<Dtab>(
      (set) => {
        const following = new RememberedDtab({ source, shelf, guard: this.#guard, clock, outage, set });
        this.#following = following;
        return following;
      },
      { clock },
    );
    const labels = { router: router.label };
    const updates = metrics.counter(UPDATES, labels, owner);
    let newest: Dtab | undefined;
    const hear = (state: State<Dtab>): void => {
      if (state.tag !== "ok" || state.value === newest) return;
      newest = state.value;
      updates.value++;
      log.info("dtab.changed", { ...place, dentries: newest.size });
    };
    metrics.gauge(DENTRIES, labels, owner, () => newest?.size ?? 0);
    metrics.gauge(STALE, labels, owner, () => this.#staleMs(clock.wall()) / 1000);
    const keep = (): void => {
      if (this.#isKept) return;
      this.#isKept = true;
      owner.own(followed.observe(hear));
    };
    this.dtab = Var.source<Dtab>((set) => {
      keep();
      return followed.observe(set);
    });
    if (memory !== undefined) keep();
  }

  watches(): ReturnType<Required<Interpreter>["watches"]> {
    return this.#following ? [{ ...this.#following.view(), name: this.#name }] : [];
  }

  release(name: string, why: "ordered" | "unreachable"): boolean {
    return why === "ordered" && name === this.#name && this.#guard.release(this.#place);
  }

  #staleMs(wall: number): number {
    const view = this.#following?.view();
    return view?.state === "stale" || view?.state === "failed" ? wall - (view.since ?? wall) : 0;
  }
}
