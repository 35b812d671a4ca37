/** The keys that say how a namer reaches its API server, and the access that they describe. */
import { s, type SchemaProblem } from "linkspan/plugin";
import { type AccessConfig, type AccessContext, DEFAULT_PORT } from "./access-config.ts";
import type { OpenAccess } from "./api-access.ts";
import type { HostFacts } from "./access-target.ts";

export type { AccessConfig } from "./access-config.ts";

/** For the schema of every plugin on Kubernetes, with `accessProblems` in its check. */
export const accessFields = {
  host: s.optional(
    s.string({
      doc: "The API server's host, for plain HTTP, as of `kubectl proxy`; `localhost` if nothing else is said.",
    }),
  ),
  port: s.optional(s.port({ doc: `Its port; ${DEFAULT_PORT} if it is not said.` })),
  kubeconfig: s.optional(
    s.string({
      doc: "A kubeconfig file, or several with colons between them; `$KUBECONFIG`, else `~/.kube/config`, where only `context` is said.",
    }),
  ),
  context: s.optional(s.string({ doc: "The context of the kubeconfig; its `current-context` if it is not said." })),
  inCluster: s.boolean({
    doc: "Whether this is a pod that asks its own cluster's API server, with the files of its service account.",
    default: false,
  }),
} as const;

/** Keys that contradict each other. */
export function accessProblems(config: AccessConfig): readonly SchemaProblem[] {
  const { host, port, kubeconfig, context, inCluster } = config;
  const ways = [
    ["host", host !== undefined || port !== undefined],
    ["kubeconfig", kubeconfig !== undefined || context !== undefined],
    ["inCluster", inCluster],
  ] as const;
  const chosen = ways.filter(([, isSaid]) => isSaid).map(([key]) => key);
  if (chosen.length < 2) return [];
  const message = `\`${chosen.join("` and `")}\` are different ways to an API server; only one can be gone`;
  const at = chosen.find((key) => Object.hasOwn(config, key)) ?? "context";
  return [{ at: [at], key: true, message }];
}

/** See `access-open.ts`, which threads that only read the configuration do not load. */
export async function openAccess(config: AccessConfig, context: AccessContext, host?: HostFacts): Promise<OpenAccess> {
  const { openAccess: open } = await import("./access-open.ts");
  return open(config, context, host);
}
