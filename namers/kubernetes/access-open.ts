/** Makes the access to an API server that the configuration describes. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { AccessClient } from "./access-client.ts";
import { type AccessConfig, type AccessContext, DEFAULT_PORT } from "./access-config.ts";
import { InClusterSource } from "./access-in-cluster.ts";
import type { HostFacts, TargetSource } from "./access-target.ts";
import { type OpenAccess, plainAccess } from "./api-access.ts";
import { KubeconfigSource } from "./kubeconfig-source.ts";

/**
 * Reads the files once, for the namespace, and forgives what is wrong with them: who asks then is told, and they are
 * read again. Each access that is made afterwards has connections of its own; credentials are made for all together.
 */
export async function openAccess(
  config: AccessConfig,
  context: AccessContext,
  host = hostOf(context),
): Promise<OpenAccess> {
  const source = sourceOf(config, context, host);
  if (source === undefined) {
    const plain = { host: config.host ?? "localhost", port: config.port ?? DEFAULT_PORT };
    return () => plainAccess(plain, context);
  }
  const namespace = await source.current().then(
    (target) => target.namespace,
    () => undefined,
  );
  return () => new AccessClient(source, context.http, namespace);
}

function sourceOf(config: AccessConfig, context: AccessContext, host: HostFacts): TargetSource | undefined {
  const { kubeconfig, context: chosen, inCluster } = config;
  if (inCluster) return new InClusterSource(host, context);
  if (kubeconfig === undefined && chosen === undefined) return undefined;
  const { baseDir, clock, random, log, signal } = context;
  const files = kubeconfigFiles(kubeconfig, baseDir, host);
  return new KubeconfigSource({ files, context: chosen }, { clock, random, log, signal, host });
}

function kubeconfigFiles(written: string | undefined, baseDir: string, { env, home }: HostFacts): readonly string[] {
  const list = written ?? (env["KUBECONFIG"] || join(home, ".kube/config"));
  const files = list.split(":").filter((file) => file !== "");
  return files.map((file) => resolve(baseDir, file.replace(/^~(?=\/)/, home)));
}

function hostOf({ env }: AccessContext): HostFacts {
  return {
    env,
    home: homedir(),
    serviceAccountFolder: "/var/run/secrets/kubernetes.io/serviceaccount",
  };
}
