/** Links the shifts of a daemon: their store, the override file, what they lie over, and what they are judged by. */
import { allBoundRoutes, type BoundRoutes, type BoundRoutesQuery } from "./base/bound-routes.ts";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { DocumentStore } from "./base/document-store.ts";
import type { Labels } from "./base/metrics.ts";
import type { RowReader } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import { ShiftDesk } from "./bridge/shift-desk.ts";
import { ShiftDriver } from "./bridge/shift-driver.ts";
import { gaugeShifts } from "./bridge/shift-gauges.ts";
import { OverrideFile } from "./bridge/shift-override-file.ts";
import { noTally, type Readings, type Tally } from "./bridge/shift-samples.ts";
import type { OtherCaller } from "./bridge/shift-status.ts";
import { type Targets, ShiftTargets } from "./bridge/shift-targets.ts";
import type { Shift, Side } from "./bridge/shift.ts";
import { Shifts } from "./bridge/shifts.ts";
import { clusterTable, Counted } from "./cluster/cluster-series.ts";
import type { Config, PluginUse, RouterConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import { KeptDocuments } from "./control/kept-documents.ts";
import { stateFolder } from "./memory-linker.ts";
import { type Overlays, pluginContext, type World } from "./naming-root.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import { Path } from "./naming/path.ts";

/** What a daemon knows of its shifts before it has opened its names. */
export interface ShiftLink {
  readonly overlays: Overlays;
  /** Begins to judge. What it makes belongs to the owner of the link. */
  drive(parts: DriveParts): DrivenShifts;
}

export interface DriveParts {
  readonly routers: readonly RouterConfig[];
  readonly interpreterFor: (router: RouterConfig) => Interpreter;
  readonly metrics: RowReader;
  readonly bound: (query: BoundRoutesQuery) => Promise<readonly BoundRoutes[]>;
}

export interface DrivenShifts {
  readonly desk: ShiftDesk;
  /** The routers are others now. */
  renew(routers: readonly RouterConfig[]): void;
}

/** So long a daemon waits for its shifts before it serves by its file alone. */
const PATIENCE_MS = 2_000;
const SIDES: readonly Side[] = ["from", "to"];

/** `undefined` where there is no place to keep shifts in. Rejects with PluginNotCreated. */
export async function openShifts(config: Config, world: World, owner: Scope): Promise<ShiftLink | undefined> {
  const store = await openStore(config, world, owner);
  if (store === undefined) return undefined;
  const { clock, log } = world;
  const keep = store instanceof KeptDocuments ? (name: string, text: string) => store.keep(name, text) : undefined;
  const shifts = owner.own(new Shifts({ store, clock, log, ...(keep === undefined ? {} : { keep }) }));
  const { override } = config.control;
  const file = override === undefined ? undefined : resolve(config.baseDir, override);
  const changed = shifts.override.bind(shifts);
  const overrides = file && owner.own(await OverrideFile.open({ file, clock, log, changed }));
  await shifts.whenKnown(PATIENCE_MS);
  return {
    overlays: ({ label }) => shifts.overlay(label),
    drive: (parts) => drive(shifts, () => (overrides ? overrides.problem : undefined), parts, world, owner),
  };
}

/** With a copy on this host where that has a place, unless it is a folder of this host anyway. */
async function openStore(config: Config, world: World, owner: Scope): Promise<DocumentStore | undefined> {
  const folder = stateFolder(config, world);
  const use = config.control.store ?? (folder === undefined ? undefined : inFolder(config, folder));
  if (use === undefined) return undefined;
  const log = world.log.with({ store: use.kind });
  const context = { ...pluginContext(config, world, owner, { label: use.kind, log }), collection: "shifts" };
  const store = await createPlugin(use, "store", context);
  const isShared = use.kind !== LOCAL && folder !== undefined;
  const { clock } = world;
  if (!isShared) return owner.own(store);
  return owner.own(await KeptDocuments.open({ store, path: join(folder, "shifts-copy"), clock, log: world.log }));
}

const LOCAL = "io.l5d.fs";

function inFolder({ registry }: Config, folder: string): PluginUse<"store"> | undefined {
  const plugin = registry.get("store", LOCAL);
  return plugin && { kind: LOCAL, plugin, config: plugin.schema.parse({ folder }) as never };
}

function drive(
  shifts: Shifts,
  overrideProblem: () => string | undefined,
  { routers: first, interpreterFor, metrics, bound }: DriveParts,
  { clock, log, metrics: registry }: World,
  owner: Scope,
): DrivenShifts {
  let routers = first;
  const driving: { driver?: ShiftDriver } = {};
  const shifted = () => routers.map((router) => ({ label: router.label, interpreter: interpreterFor(router) }));
  const targets = owner.own(
    new ShiftTargets({ shifts, routers: shifted, changed: () => driving.driver?.begin(), log }),
  );
  const measure = (shift: Shift): Readings => measured(targets.of(shift), metrics);
  const driver = (driving.driver = owner.own(
    new ShiftDriver({ shifts, measure, clock, log, daemon: `linkspan on ${hostname()}` }),
  ));
  gaugeShifts({ shifts, driver, metrics: registry }, owner);
  const others = () => {
    let seen: Promise<readonly BoundRoutes[]> | undefined;
    return async (shift: Shift, all: ReadonlyMap<string, Targets>): Promise<readonly OtherCaller[]> =>
      all.size === 0 ? [] : otherCallers(shift, all, await (seen ??= allBoundRoutes(bound)));
  };
  return {
    desk: new ShiftDesk({ shifts, driver, targets, others, overrideProblem, clock }),
    renew: (now) => {
      routers = now;
      targets.renew();
    },
  };
}

/** Of all routers that the shift is about: what their clusters on either side counted until now. */
function measured(targets: ReadonlyMap<string, Targets>, metrics: RowReader): Readings {
  const sides: Record<Side, Map<string, Tally>> = { from: new Map(), to: new Map() };
  for (const [router, each] of targets) {
    for (const side of SIDES) {
      for (const id of each[side].ids) sides[side].set(`${router} ${id}`, tallyOf(metrics, { router }, id));
    }
  }
  return sides;
}

function tallyOf(metrics: RowReader, labels: Labels, id: string): Tally {
  const row = metrics.row(clusterTable, labels, id);
  if (row === undefined) return noTally;
  return { successes: row.count(Counted.success), failures: row.count(Counted.failure), times: row.times() };
}

function otherCallers(
  { plan }: Shift,
  targets: ReadonlyMap<string, Targets>,
  routers: readonly BoundRoutes[],
): readonly OtherCaller[] {
  const path = Path.read(plan.path);
  const ids = (side: Side): ReadonlySet<string> => new Set([...targets.values()].flatMap((each) => each[side].ids));
  const sides = { from: ids("from"), to: ids("to") };
  return routers.flatMap(({ label: router, routes }) =>
    routes.flatMap(({ name, clusters }) => {
      if (targets.has(router) && Path.read(name).startsWith(path)) return [];
      return SIDES.filter((side) => clusters.some((id) => sides[side].has(id))).map((side) => ({ side, router, name }));
    }),
  );
}
