/** Links the shifts of a daemon: their store, the override file, what they lie over, and what they are judged by. */
import { allBoundRoutes, type BoundRoutes, type BoundRoutesQuery } from "./base/bound-routes.ts";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { bugsTo } from "./base/defects.ts";
import type { DocumentStore } from "./base/document-store.ts";
import type { Labels } from "./base/metrics.ts";
import type { RowReader } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import { ShiftChecks } from "./bridge/shift-checks.ts";
import { ShiftDesk } from "./bridge/shift-desk.ts";
import { ShiftDriver } from "./bridge/shift-driver.ts";
import { gaugeShifts } from "./bridge/shift-gauges.ts";
import { OverrideFile } from "./bridge/shift-override-file.ts";
import { type Measured, noTally, type Tally } from "./bridge/shift-samples.ts";
import type { OtherCaller } from "./bridge/shift-side-status.ts";
import { onBothSides, type ShiftedName, type ShiftedRouter } from "./bridge/shifted-name.ts";
import { ShiftTargets } from "./bridge/shift-targets.ts";
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
import { ownZone } from "./zone-linker.ts";

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
  readonly overlays: Overlays;
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
  locate(shifts, config, world, owner);
  await shifts.whenKnown(PATIENCE_MS);
  return {
    overlays: overlaysOf(shifts),
    drive: (parts) => drive(shifts, () => (overrides ? overrides.problem : undefined), parts, world, owner),
  };
}

function overlaysOf(shifts: Shifts): Overlays {
  return ({ label }) => shifts.overlay(label);
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
  const shifted = (): readonly ShiftedRouter[] =>
    routers.map((router) => ({ label: router.label, dtab: router.dtab, interpreter: interpreterFor(router) }));
  const routes = (): Promise<readonly BoundRoutes[]> => allBoundRoutes(bound);
  const targets = owner.own(
    new ShiftTargets({ shifts, routers: shifted, routes, changed: () => driving.driver?.begin(), clock, log }),
  );
  const measure = (shift: Shift): Measured => measured(targets.of(shift), metrics);
  const driver = (driving.driver = owner.own(
    new ShiftDriver({ shifts, measure, clock, log, daemon: `linkspan on ${shifts.host.name}` }),
  ));
  gaugeShifts({ shifts, driver, metrics: registry }, owner);
  const others = () => {
    let seen: Promise<readonly BoundRoutes[]> | undefined;
    return async (shift: Shift, names: readonly ShiftedName[]): Promise<readonly OtherCaller[]> =>
      names.length === 0 ? [] : otherCallers(shift, names, await (seen ??= routes()));
  };
  const checks = new ShiftChecks({ routers: shifted, routes, clock });
  return {
    overlays: overlaysOf(shifts),
    desk: new ShiftDesk({ shifts, driver, targets, others, checks, overrideProblem, clock }),
    renew: (now) => {
      routers = now;
      targets.renew();
    },
  };
}

/** Of each name of a shift: what its clusters on either side counted until now. Whose answers are both sides' are neither's. */
function measured(names: readonly ShiftedName[], metrics: RowReader): Measured {
  const both = new Set(
    names.flatMap(({ router, targets }) => [...onBothSides(targets).ids].map((id) => `${router} ${id}`)),
  );
  const tallies = ({ router, targets }: ShiftedName, side: Side): ReadonlyMap<string, Tally> => {
    const keys = targets[side].ids.map((id) => [`${router} ${id}`, id] as const).filter(([key]) => !both.has(key));
    return new Map(keys.map(([key, id]) => [key, tallyOf(metrics, { router }, id)]));
  };
  return new Map(
    names.map((each) => [`${each.name} on ${each.router}`, { from: tallies(each, "from"), to: tallies(each, "to") }]),
  );
}

function tallyOf(metrics: RowReader, labels: Labels, id: string): Tally {
  const row = metrics.row(clusterTable, labels, id);
  if (row === undefined) return noTally;
  return { successes: row.count(Counted.success), failures: row.count(Counted.failure), times: row.times() };
}

function otherCallers(
  { plan }: Shift,
  names: readonly ShiftedName[],
  routers: readonly BoundRoutes[],
): readonly OtherCaller[] {
  const path = Path.read(plan.path);
  const shifted = new Set(names.map(({ router }) => router));
  const ids = (side: Side): ReadonlySet<string> => new Set(names.flatMap(({ targets }) => targets[side].ids));
  const sides = { from: ids("from"), to: ids("to") };
  return routers.flatMap(({ label: router, routes }) =>
    routes.flatMap(({ name, clusters }) => {
      if (shifted.has(router) && Path.read(name).startsWith(path)) return [];
      return SIDES.filter((side) => clusters.some((id) => sides[side].has(id))).map((side) => ({ side, router, name }));
    }),
  );
}

/** Which host this is, and, as soon as a shift is of some zones, in which one. */
function locate(shifts: Shifts, config: Config, world: World, owner: Scope): void {
  const name = config.control.host ?? (world.env["NODE_NAME"] || hostname());
  const known = (): void => shifts.locate({ name, ...(zone.name === undefined ? {} : { zone: zone.name }) });
  const zone = ownZone(config, { world, bug: bugsTo(world.log), known }, owner);
  const want = (): void => {
    if (shifts.all.some(({ plan }) => plan.scope.zones !== undefined)) zone.want();
  };
  known();
  owner.own(shifts.listen(want));
  want();
}
