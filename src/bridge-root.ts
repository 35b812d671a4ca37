/** Opens the namers and mirrors of a configuration for a command that asks or writes once. */
import { networkInterfaces } from "node:os";
import { gatewayOf, serverAddresses, writtenServers } from "./advertised-address.ts";
import { Scope } from "./base/scope.ts";
import type { MirrorParts } from "./bridge/mirror-parts.ts";
import { Mirror } from "./bridge/mirror.ts";
import type { BridgeRoot } from "./cli/roots.ts";
import type { Config, MirrorConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import { mirrorSource } from "./config/mirror-source.ts";
import { memberName } from "./live-bridge.ts";
import { assertLists, mirrorParts } from "./mirror-linker.ts";
import { openNaming, type OpenNamer, pluginContext, type World } from "./naming-root.ts";
import { Path } from "./naming/path.ts";

const configured = Path.of("#");

/** `isDry`: nothing will be written. Rejects with PluginNotCreated; then nothing of it is left. */
export async function openBridge(config: Config, isDry: boolean, world: World): Promise<BridgeRoot> {
  const scope = new Scope();
  try {
    const { namers } = await openNaming(config, world, scope);
    const mirrors: Mirror[] = [];
    for (const use of config.mirrors) {
      const parts = await openParts(use, namers, config, world, scope);
      mirrors.push(scope.own(new Mirror(isDry && use.address === "gateway" ? untried(parts) : parts)));
    }
    return {
      mirrors,
      instances(path) {
        const found = path.startsWith(configured) ? mirrorSource(path, namers) : undefined;
        return found?.namer.instances?.(path.drop(configured.size + found.prefix.size));
      },
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** A router that does not listen yet will when it publishes itself. */
const untried = (parts: MirrorParts): MirrorParts => ({ ...parts, probe: undefined });

async function openParts(
  use: MirrorConfig,
  namers: readonly OpenNamer[],
  config: Config,
  world: World,
  scope: Scope,
): Promise<MirrorParts> {
  const source = mirrorSource(use.from, config.namers);
  const open = source && namers.find(({ prefix }) => prefix.equals(source.prefix));
  if (source === undefined || open === undefined) throw new Error(`no namer serves ${use.from.show}`);
  assertLists(use, open);
  const context = pluginContext(config, world, scope, { label: use.name, log: world.log.with({ mirror: use.name }) });
  const announcer = scope.own(await createPlugin(use.to, "announcer", context));
  const member = memberName(world.random);
  const gateway = gatewayOf(use, serverAddresses(config, writtenServers(config), networkInterfaces()));
  return mirrorParts(use, { source, namer: open.namer, announcer, member, gateway, world });
}
