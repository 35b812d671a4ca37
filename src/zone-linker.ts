/** Where this daemon runs: what its configuration says, else its environment, else the node of its pod. */
import type { Scope } from "./base/scope.ts";
import type { Zone } from "./cluster/balancing/offer.ts";
import type { Config } from "./config/config.ts";
import type { World } from "./naming-root.ts";

export interface OwnZone extends Zone {
  /** Somebody goes by it: whoever has to be asked is asked now, once. */
  want(): void;
}

export interface ZoneParts {
  readonly world: World;
  readonly bug: (error: unknown) => void;
  /** Told when who was asked has said it. */
  readonly known?: () => void;
}

/** What asks for it belongs to `owner`. */
export function ownZone({ zone, baseDir }: Pick<Config, "zone" | "baseDir">, parts: ZoneParts, owner: Scope): OwnZone {
  const { world, bug, known: tell } = parts;
  const { LINKSPAN_ZONE: said, NODE_NAME: node, KUBERNETES_SERVICE_HOST: apiServer } = world.env;
  const known = zone ?? (said || undefined);
  const isToBeAsked = known === undefined && node !== undefined && node !== "" && apiServer !== undefined;
  let wanted = false;
  let name = known;
  const ask = async (node: string): Promise<void> => {
    const context = { ...world, baseDir, signal: owner.signal };
    const { openAccess } = await import("../namers/kubernetes/access-open.ts");
    const { zoneOfNode } = await import("../namers/kubernetes/node-zone.ts");
    name = await zoneOfNode(node, await openAccess({ inCluster: true }, context), context);
    if (name === undefined) return;
    world.log.info("zone.known", { zone: name, node });
    tell?.();
  };
  return {
    get name() {
      return name;
    },
    want: () => {
      if (wanted) return;
      wanted = true;
      if (isToBeAsked) void ask(node).catch(bug);
      else if (known === undefined) world.log.warn("zone.unknown", { error: UNSAID });
    },
  };
}

const UNSAID = "neither `zone` nor LINKSPAN_ZONE is set, and this is no pod that knows its NODE_NAME";
