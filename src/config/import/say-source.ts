/** A namer of a linkerd.yaml in the words of the short form. */
import type { NamerConfig } from "../config.ts";

type Keys = Readonly<Record<string, unknown>>;

/** A source that may mean the same, which the caller has to see for himself; `undefined` where there is none. */
export function saySource({ kind, config, whenUnreachable }: NamerConfig): Keys | undefined {
  const say = sayings[kind];
  const said = say?.(config as Keys);
  return said && (whenUnreachable === "next" ? { ...said, whenUnreachable } : said);
}

/** The name of the source, where the prefix can be one. */
export function sourceName({ prefix }: NamerConfig): string | undefined {
  const [name = ""] = prefix.elems;
  return prefix.size === 1 && /^[A-Za-z0-9_.-]+$/.test(name) ? name : undefined;
}

const sayings: Readonly<Record<string, (config: Keys) => Keys>> = {
  "io.l5d.fs": ({ rootDir }) => ({ files: rootDir }),
  "io.l5d.curator": ({ zkAddrs, basePath, port }) => ({
    zookeeper: connectString(zkAddrs),
    path: basePath,
    ...(port === "byTls" ? {} : { port }),
  }),
  // Their paths begin at the root, as a linkerd.yaml writes them.
  "io.l5d.serversets": ({ zkAddrs }) => ({ zookeeper: connectString(zkAddrs), format: "serversets", path: "/" }),
  "io.l5d.k8s": ({ kubeconfig, context }) =>
    kubeconfig === undefined
      ? { kubernetes: "in-cluster" }
      : { kubernetes: kubeconfig, ...(context === undefined ? {} : { context }) },
  "linkspan.dns": () => ({ dns: true }),
  "io.l5d.marathon": ({ host, port }) => ({ marathon: hostPort(host, port) }),
  "linkspan.nomad": ({ host, port, namespace }) => ({
    nomad: hostPort(host, port),
    ...(namespace === "default" ? {} : { namespace }),
  }),
};

function connectString(zkAddrs: unknown): string {
  return (zkAddrs as readonly Keys[]).map(({ host, port }) => hostPort(host, port)).join(",");
}

function hostPort(host: unknown, port: unknown): string {
  const name = String(host);
  return `${name.includes(":") ? `[${name}]` : name}:${String(port)}`;
}
