/** Configuration in, namers and interpreters out: shared by the linker and by commands that need no daemon. */
import type { Dialer, Resolver } from "./base/dialer.ts";
import { SourceGuard } from "./base/guard.ts";
import type { Http } from "./base/http.ts";
import { type Log, silentLog } from "./base/log.ts";
import type { Metrics } from "./base/metrics.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import type { Clock, Random } from "./base/time.ts";
import { Var } from "./base/var.ts";
import type { Config, NamerConfig, RouterConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import type { PluginContext } from "./config/plugin.ts";
import { Layout } from "./http/exchange.ts";
import { DtabInterpreter, type Interpreter } from "./naming/interpreter.ts";
import type { Namer } from "./naming/namer.ts";
import { gaugeNamer } from "./naming/namer-gauges.ts";
import { Path } from "./naming/path.ts";
import { systemNamers } from "./naming/system-namers.ts";
import { FreshLooks } from "./snapshot/fresh-looks.ts";
import type { Memory } from "./snapshot/memory.ts";
import { RememberingNamer } from "./snapshot/remembering-namer.ts";

/** What a process, or a test, gives to everything in it. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly dial: Dialer;
  readonly http: Http;
  readonly resolve: Resolver;
}

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
  /** Nothing of this bound id accepts connections: a loss that its namer's guard holds is believed at once. */
  unreachable(id: Path): boolean;
  /** An operator orders that what is held of this bound id is believed at once. False when nothing is held. */
  release(id: Path): boolean;
}

const defaultDstPrefix = Path.read("/svc");
const configured = Path.of("#");

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
    ...over,
  };
}

/**
 * Creates every namer of the configuration; each of them is owned by `owner`. With a `memory`, what cannot be asked
 * starts from it, and what is answered goes into it. Rejects with PluginNotCreated.
 */
export async function openNaming(config: Config, world: World, owner: Scope, memory?: Memory): Promise<NamingRoot> {
  const namers: OpenNamer[] = [];
  for (const each of config.namers) namers.push(await openNamer(each, config, world, owner, memory));
  const system = systemNamers({ resolver: world.resolve, clock: world.clock, random: world.random });
  const believe = (id: Path, why: "ordered" | "unreachable"): boolean => {
    let wasHeld = false;
    for (const { prefix, namer } of namers) {
      const whole = configured.concat(prefix);
      if (id.startsWith(whole)) wasHeld = namer.release?.(id.drop(whole.size), why) === true || wasHeld;
    }
    return wasHeld;
  };
  return {
    namers,
    interpreterFor: (router) =>
      owner.own(new DtabInterpreter({ dtab: Var.of(router.dtab), namers, systemNamers: system })),
    unreachable: (id) => believe(id, "unreachable"),
    release: (id) => believe(id, "ordered"),
  };
}

async function openNamer(
  use: NamerConfig,
  config: Config,
  world: World,
  owner: Scope,
  memory: Memory | undefined,
): Promise<OpenNamer> {
  const label = use.prefix.show;
  const log = world.log.with({ namer: label });
  const context = pluginContext(config, world, owner, { label, log });
  const made = await createPlugin(use, "namer", context);
  const namer = owner.own(memory === undefined ? made : remembering(made, use, context, memory));
  gaugeNamer(namer, context, owner);
  return { prefix: use.prefix, kind: use.kind, namer, whenUnreachable: use.whenUnreachable };
}

/** Second looks are by a namer that nobody hears of: it counts nothing, logs nothing, and holds nothing back. */
function remembering(namer: Namer, use: NamerConfig, context: PluginContext, memory: Memory): Namer {
  const { label, clock, random, log, guard } = context;
  const unheard: PluginContext = {
    ...context,
    log: silentLog,
    metrics: new MetricsRegistry(),
    guard: { ...guard, holdMs: 0 },
  };
  return new RememberingNamer({
    namer,
    memory: memory.of(label),
    guard: new SourceGuard(guard, clock, random, log),
    looks: new FreshLooks(() => createPlugin(use, "namer", unheard), clock),
    clock,
  });
}
