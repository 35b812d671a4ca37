/** Configuration in, namers and interpreters out: shared by the linker and by commands that need no daemon. */
import type { Dialer, Resolver } from "./base/dialer.ts";
import type { Environment } from "./base/environment.ts";
import { SourceGuard } from "./base/guard.ts";
import type { Http } from "./base/http.ts";
import { type Log, silentLog } from "./base/log.ts";
import type { Metrics } from "./base/metrics.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import type { Clock, Random } from "./base/time.ts";
import { turn } from "./base/turn.ts";
import { failed, Var } from "./base/var.ts";
import type { Config, NamerConfig, RouterConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import type { PluginContext } from "./config/plugin.ts";
import { Layout } from "./http/exchange.ts";
import { type InterpreterParts, interpreterPrefix, openInterpreter } from "./interpreter-root.ts";
import type { Dtab } from "./naming/dtab.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import type { Namer } from "./naming/namer.ts";
import { gaugeNamer } from "./naming/namer-gauges.ts";
import { Path } from "./naming/path.ts";
import { TransformedInterpreter } from "./naming/transformed-interpreter.ts";
import { untransformed } from "./naming/transformer.ts";
import { tellOriginators } from "./originator.ts";
import { FreshLooks } from "./snapshot/fresh-looks.ts";
import type { Memory } from "./snapshot/memory.ts";
import { RememberingNamer, type RememberingNamerParts } from "./snapshot/remembering-namer.ts";
import { binderOf, namersAlone, openNamerEntries, openSystemNamers, openTransformers } from "./transformer-linker.ts";

/** What a process, or a test, gives to everything in it. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly dial: Dialer;
  readonly http: Http;
  readonly resolve: Resolver;
  readonly env: Environment;
}

/** What lies over the dtab of a router, if anything may. */
export type Overlays = (router: RouterConfig) => Var<Dtab> | undefined;

export interface OpenNamer {
  readonly prefix: Path;
  readonly kind: string;
  readonly namer: Namer;
  readonly whenUnreachable: "fail" | "next";
}

/** The naming half of a daemon. Close its scope to end every watch. */
export interface NamingRoot {
  readonly namers: readonly OpenNamer[];
  interpreterFor(router: RouterConfig): Interpreter;
  /** The namers, without a dtab. */
  readonly namersAlone: Interpreter;
  /** Nothing of this bound id accepts connections: a loss that its namer's guard holds is believed at once. */
  unreachable(id: Path): boolean;
  /** An operator orders that what is held of this bound id is believed at once. False when nothing is held. */
  release(id: Path): boolean;
}

const defaultDstPrefix = Path.read("/svc");
const configured = Path.of("#");
const unboundHere = Var.source<never>((set) => {
  set(failed(new Error("names are not bound here")));
  return { [Symbol.dispose]: () => undefined };
});

/** What plugins are created with; `log` and `signal` belong to `owner`. */
export function pluginContext(
  config: Config,
  world: World,
  owner: Scope,
  over: Partial<PluginContext> = {},
): PluginContext {
  return {
    ...world,
    label: "",
    layout: new Layout(),
    signal: owner.signal,
    baseDir: config.baseDir,
    dstPrefix: defaultDstPrefix,
    guard: config.guard,
    bind: () => unboundHere,
    ...over,
  };
}

/**
 * Creates every namer of the configuration; each of them is owned by `owner`. With a `memory`, what cannot be asked
 * starts from it, and what is answered goes into it. What `kept` gives is open already, and owned by whoever opened it.
 * Rejects with PluginNotCreated.
 */
export async function openNaming(
  config: Config,
  world: World,
  owner: Scope,
  memory?: Memory,
  kept: (use: NamerConfig) => OpenNamer | undefined = () => undefined,
  overlays: Overlays = () => undefined,
): Promise<NamingRoot> {
  const namers: OpenNamer[] = [];
  for (const each of config.namers) {
    namers.push(kept(each) ?? (await openNamer(each, config, world, owner, memory)));
  }
  const contextOf = (label: string): PluginContext =>
    pluginContext(config, world, owner, { label, log: world.log.with({ namer: label }) });
  const system = await openSystemNamers(config, contextOf, owner);
  await turn();
  const plain = namers.map((each, at) => ({ ...each, use: config.namers[at] as NamerConfig }));
  const bindPlain = binderOf(namers, system, owner);
  const entries = await openNamerEntries(plain, { ...contextOf(""), bind: bindPlain }, owner);
  const bind = binderOf(entries, system, owner);
  const contextFor = ({ label }: RouterConfig): PluginContext =>
    pluginContext(config, world, owner, { label, log: world.log.with({ router: label }), bind });
  const table = { namers: entries, systemNamers: system, memory, overlays };
  const interpreters = await openInterpreters(config.routers, contextFor, table, owner);
  tellOriginators(config.routers, world.metrics, owner);
  const believe = (id: Path, why: "ordered" | "unreachable"): boolean => {
    const wasHeld = believedBy(namers, untransformed(id), why);
    return believedOf(interpreters, untransformed(id), why) || wasHeld;
  };
  return {
    namers,
    namersAlone: namersAlone(entries, system, owner),
    interpreterFor(router) {
      const interpreter = interpreters.get(router);
      if (interpreter === undefined) throw new Error(`the router ${router.label} is not of this configuration`);
      return interpreter;
    },
    unreachable: (id) => believe(id, "unreachable"),
    release: (id) => believe(id, "ordered"),
  };
}

async function openInterpreters(
  routers: readonly RouterConfig[],
  contextFor: (router: RouterConfig) => PluginContext,
  { overlays, ...table }: Omit<InterpreterParts, "router" | "context" | "overlay"> & { readonly overlays: Overlays },
  owner: Scope,
): Promise<ReadonlyMap<RouterConfig, Interpreter>> {
  const interpreters = new Map<RouterConfig, Interpreter>();
  for (const router of routers) {
    const context = contextFor(router);
    const interpreter = await openInterpreter({ router, context, overlay: overlays(router), ...table }, owner);
    const made = await openTransformers(router.transformers, context, owner);
    interpreters.set(router, made.length === 0 ? interpreter : new TransformedInterpreter(interpreter, made));
  }
  return interpreters;
}

/** The id may be one that an interpreter has from elsewhere, or stand behind the prefix of what it follows. */
function believedOf(
  interpreters: ReadonlyMap<RouterConfig, Interpreter>,
  id: Path,
  why: "ordered" | "unreachable",
): boolean {
  let wasHeld = false;
  for (const [{ label }, interpreter] of interpreters) {
    const prefix = interpreterPrefix(label);
    const name = id.startsWith(prefix) ? id.drop(prefix.size) : id;
    wasHeld = interpreter.release?.(name.show, why) === true || wasHeld;
  }
  return wasHeld;
}

function believedBy(namers: readonly OpenNamer[], id: Path, why: "ordered" | "unreachable"): boolean {
  let wasHeld = false;
  for (const { prefix, namer } of namers) {
    const whole = configured.concat(prefix);
    if (id.startsWith(whole)) wasHeld = namer.release?.(id.drop(whole.size), why) === true || wasHeld;
  }
  return wasHeld;
}

async function openNamer(
  use: NamerConfig,
  config: Config,
  world: World,
  owner: Scope,
  memory: Memory | undefined,
): Promise<OpenNamer> {
  const context = namerContext(use, config, world, owner);
  const namer =
    memory === undefined
      ? await createPlugin(use, "namer", context)
      : new RememberingNamer(await rememberedParts(use, context, memory));
  owner.own(namer);
  gaugeNamer(namer, context, owner);
  return { prefix: use.prefix, kind: use.kind, namer, whenUnreachable: use.whenUnreachable };
}

/** What a namer of the configuration is created with. */
export function namerContext(use: NamerConfig, config: Config, world: World, owner: Scope): PluginContext {
  const label = use.prefix.show;
  return pluginContext(config, world, owner, { label, log: world.log.with({ namer: label }) });
}

/** Second looks are by a namer that nobody hears of: it counts nothing, logs nothing, and holds nothing back. */
export async function rememberedParts(
  use: NamerConfig,
  context: PluginContext,
  memory: Memory,
): Promise<RememberingNamerParts> {
  const { label, clock, random, log, guard } = context;
  const unheard: PluginContext = {
    ...context,
    log: silentLog,
    metrics: new MetricsRegistry(),
    guard: { ...guard, holdMs: 0 },
  };
  return {
    namer: await createPlugin(use, "namer", context),
    memory: memory.of(label),
    guard: new SourceGuard(guard, clock, random, log),
    looks: new FreshLooks(() => createPlugin(use, "namer", unheard), clock),
    clock,
  };
}
