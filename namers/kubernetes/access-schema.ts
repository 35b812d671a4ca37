/** The keys that say how a namer reaches its API server, and the access that they describe. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type PluginContext, s, type SchemaProblem } from "linkspan/plugin";
import { type OpenAccess, plainAccess } from "./api-access.ts";
import { AccessClient } from "./access-client.ts";
import { InClusterSource } from "./access-in-cluster.ts";
import type { HostFacts, TargetSource } from "./access-target.ts";
import { KubeconfigSource } from "./kubeconfig-source.ts";

const DEFAULT_PORT = 8001;

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

export interface AccessConfig {
  readonly host?: string;
  readonly port?: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly inCluster: boolean;
}

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

type World = Pick<PluginContext, "http" | "clock" | "random" | "log" | "signal" | "baseDir">;

/**
 * Reads the files once, for the namespace, and forgives what is wrong with them: who asks then is told, and they are
 * read again. Each access that is made afterwards has connections of its own; credentials are made for all together.
 */
export async function openAccess(config: AccessConfig, world: World, host = thisHost()): Promise<OpenAccess> {
  const source = sourceOf(config, world, host);
  if (source === undefined) {
    const plain = { host: config.host ?? "localhost", port: config.port ?? DEFAULT_PORT };
    return () => plainAccess(plain, world);
  }
  const namespace = await source.current().then(
    (target) => target.namespace,
    () => undefined,
  );
  return () => new AccessClient(source, world.http, namespace);
}

function sourceOf(config: AccessConfig, world: World, host: HostFacts): TargetSource | undefined {
  const { kubeconfig, context, inCluster } = config;
  if (inCluster) return new InClusterSource(host, world);
  if (kubeconfig === undefined && context === undefined) return undefined;
  return new KubeconfigSource({ files: kubeconfigFiles(kubeconfig, world.baseDir, host), context }, { ...world, host });
}

function kubeconfigFiles(written: string | undefined, baseDir: string, { env, home }: HostFacts): readonly string[] {
  const list = written ?? (env["KUBECONFIG"] || join(home, ".kube/config"));
  const files = list.split(":").filter((file) => file !== "");
  return files.map((file) => resolve(baseDir, file.replace(/^~(?=\/)/, home)));
}

function thisHost(): HostFacts {
  return {
    env: process.env,
    home: homedir(),
    serviceAccountFolder: "/var/run/secrets/kubernetes.io/serviceaccount",
  };
}
