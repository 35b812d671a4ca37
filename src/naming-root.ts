/** Configuration in, namers and interpreters out: shared by the linker and by commands that need no daemon. */
import type { Dialer, Resolver } from "./base/dialer.ts";
import type { Http } from "./base/http.ts";
import type { Log } from "./base/log.ts";
import type { Metrics } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import type { Clock, Random } from "./base/time.ts";
import { Var } from "./base/var.ts";
import type { Config, NamerConfig, RouterConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import type { PluginContext } from "./config/plugin.ts";
import { Layout } from "./http/exchange.ts";
import { DtabInterpreter, type Interpreter } from "./naming/interpreter.ts";
import type { Namer } from "./naming/namer.ts";
import { Path } from "./naming/path.ts";
import { systemNamers } from "./naming/system-namers.ts";

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

/** Creates every namer of the configuration; each of them is owned by `owner`. Rejects with PluginNotCreated. */
export async function openNaming(config: Config, world: World, owner: Scope): Promise<NamingRoot> {
  const namers: OpenNamer[] = [];
  for (const each of config.namers) namers.push(await openNamer(each, config, world, owner));
  const system = systemNamers({ resolver: world.resolve, clock: world.clock, random: world.random });
  return {
    namers,
    interpreterFor: (router) =>
      owner.own(new DtabInterpreter({ dtab: Var.of(router.dtab), namers, systemNamers: system })),
    unreachable: (id) => {
      let wasHeld = false;
      for (const { prefix, namer } of namers) {
        const whole = configured.concat(prefix);
        if (id.startsWith(whole)) wasHeld = namer.release?.(id.drop(whole.size), "unreachable") === true || wasHeld;
      }
      return wasHeld;
    },
  };
}

async function openNamer(use: NamerConfig, config: Config, world: World, owner: Scope): Promise<OpenNamer> {
  const label = use.prefix.show;
  const log = world.log.with({ namer: label });
  const namer = await createPlugin(use, "namer", pluginContext(config, world, owner, { label, log }));
  owner.own(namer);
  return { prefix: use.prefix, kind: use.kind, namer, whenUnreachable: use.whenUnreachable };
}
