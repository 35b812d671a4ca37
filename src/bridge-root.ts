/** Opens the namers and mirrors of a configuration for a command that asks or writes once. */
import { Scope } from "./base/scope.ts";
import { Mirror } from "./bridge/mirror.ts";
import type { BridgeRoot } from "./cli/roots.ts";
import type { Config, MirrorConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import { memberName } from "./live-bridge.ts";
import { mirrorParts, sourceOf } from "./mirror-linker.ts";
import { openNaming, type OpenNamer, pluginContext, type World } from "./naming-root.ts";
import { Path } from "./naming/path.ts";

const configured = Path.of("#");

/** Rejects with PluginNotCreated; then nothing of it is left. */
export async function openBridge(config: Config, world: World): Promise<BridgeRoot> {
  const scope = new Scope();
  try {
    const { namers } = await openNaming(config, world, scope);
    const mirrors: Mirror[] = [];
    for (const use of config.mirrors) mirrors.push(await openMirror(use, namers, config, world, scope));
    return {
      mirrors,
      instances(path) {
        const found = path.startsWith(configured) ? sourceOf(path, namers) : undefined;
        return found?.namer.instances?.(path.drop(configured.size + found.prefix.size));
      },
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function openMirror(
  use: MirrorConfig,
  namers: readonly OpenNamer[],
  config: Config,
  world: World,
  scope: Scope,
): Promise<Mirror> {
  const source = sourceOf(use.from, config.namers);
  const namer = source && namers.find(({ prefix }) => prefix.equals(source.prefix))?.namer;
  if (source === undefined || namer === undefined) throw new Error(`no namer serves ${use.from.show}`);
  const context = pluginContext(config, world, scope, { label: use.name, log: world.log.with({ mirror: use.name }) });
  const announcer = scope.own(await createPlugin(use.to, "announcer", context));
  const member = memberName(world.random);
  // Where the router is called is known to a daemon only.
  return scope.own(new Mirror(mirrorParts(use, { source, namer, announcer, member, gateway: undefined, world })));
}
