/** The sources of the short form: the keys that each kind has, and the namer that it stands for. */
import type { Infer } from "./compound-fields.ts";
import type { SchemaProblem } from "./plugin.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";

/** Which discovery system it is, one key each, and the further keys that belong to it. */
const kinds = {
  zookeeper: ["path", "port"],
  files: [],
  kubernetes: ["context"],
  consul: ["datacenter", "token", "tokenFile"],
  dns: [],
  marathon: [],
  nomad: ["namespace"],
} as const;
type Kind = keyof typeof kinds;

const laterKinds = ["eureka"];
const refusedSources = Object.fromEntries(
  laterKinds.map((kind) => [kind, `\`${kind}\` sources are not in this version`]),
);
const IN_CLUSTER = "in-cluster";

/** `HOST:PORT`, and no URL: how it is spoken to is said by other keys. */
const agent = (doc: string) => s.optional(s.text({ expected: "HOST:PORT", parse: readPlace }, { doc }));

function readPlace(text: string): string {
  refuseUrl(text, /^(\w+):\/\/([^/]*)/);
  refuseNoPlace(text);
  return text;
}

/** `url` finds its scheme, and what is to be written instead. */
function refuseUrl(text: string, url: RegExp): void {
  const [, scheme, rest] = url.exec(text) ?? [];
  if (scheme !== undefined) throw new Error(`write \`${rest}\`, without \`${scheme}://\``);
}

function refuseNoPlace(text: string): void {
  if (!PLACE.test(text.trim())) throw new Error(`${JSON.stringify(text)} is no host with a port`);
}

const PLACE = /^(?:\[(.+)\]|([^:/\s]+))(?::(\d+))?$/;

const hosts = s.text(
  {
    expected: "hosts as ZooKeeper writes them, such as zk1:2181,zk2:2181/chroot",
    parse(text) {
      refuseUrl(text, /^(\w+):\/\/(.*)/);
      for (const host of text.replace(/\/.*/, "").split(",")) refuseNoPlace(host);
      return text;
    },
  },
  { doc: "Hosts as ZooKeeper writes them: `zk1:2181,zk2:2181/chroot`." },
);

const cluster = s.text(
  {
    expected: `\`${IN_CLUSTER}\`, or a kubeconfig file`,
    parse(text) {
      if (/^(?:true|yes|on|)$/.test(text)) throw new Error(`${JSON.stringify(text)} is no kubeconfig file`);
      return text;
    },
  },
  { doc: "`in-cluster` in a pod, for its own cluster; else a kubeconfig file, for whichever it names." },
);

export const sourceSchema = s.object(
  {
    zookeeper: s.optional(hosts),
    path: s.optional(s.string({ doc: "Where in ZooKeeper services stand." })),
    format: s.oneOf(["curator", "serversets"], { default: "curator", doc: "How services are recorded in ZooKeeper." }),
    port: s.optional(
      s.oneOf(["byTls", "sslPort", "port"], {
        doc: "Which port of an instance of Curator's is called where it has both; `byTls` if it is not said.",
      }),
    ),
    files: s.optional(s.string({ doc: "A directory with one file of `host port` lines for each service." })),
    kubernetes: s.optional(cluster),
    context: s.optional(s.string({ doc: "The context of the kubeconfig; its `current-context` if it is not said." })),
    consul: agent("Where a Consul agent's API is, such as `127.0.0.1:8500`."),
    datacenter: s.optional(s.string({ doc: "Consul's datacenter; the one that the agent is in if it is not said." })),
    token: s.optional(s.string({ doc: "Consul's ACL token." })),
    tokenFile: s.optional(s.string({ doc: "A file with Consul's ACL token instead; read again when it changes." })),
    dns: s.optional(
      s.boolean({ doc: "`true`: names in DNS, `HOST:PORT` or a name with SRV records such as `_http._tcp.users`." }),
    ),
    marathon: agent("Where Marathon's API is, such as `marathon.mesos:8080`."),
    nomad: agent("Where a Nomad agent's API is, such as `127.0.0.1:4646`."),
    namespace: s.optional(s.string({ doc: "Nomad's namespace; `default` if it is not said." })),
    whenUnreachable: s.oneOf(["fail", "next"], {
      default: "fail",
      doc: "Whether a registry that was never reached ends a list of targets, or lets it go on.",
    }),
  },
  { refused: refusedSources, check: problemsOf },
);

export type SourceConfig = Infer<typeof sourceSchema>;

function problemsOf(value: { readonly [key: string]: unknown }): readonly SchemaProblem[] {
  const all = Object.keys(kinds) as Kind[];
  const [kind, second] = all.filter((each) => value[each] !== undefined);
  if (kind === undefined || second !== undefined) {
    const message = `a source has one of ${all.map((each) => `\`${each}\``).join(", ")}`;
    return [{ at: [], message, expected: "one of them" }];
  }
  const strange = all.filter((each) => each !== kind).flatMap((each) => kinds[each].map((key) => ({ key, of: each })));
  const strays = strange.filter(({ key }) => value[key] !== undefined);
  const problems: SchemaProblem[] = strays.map(({ key, of }) => ({
    at: [key],
    key: true,
    message: `\`${key}\` is for \`${of}\``,
  }));
  if (value["format"] === "serversets" && value["port"] !== undefined) {
    problems.push({ at: ["port"], key: true, message: "`port` is for instances of Curator's" });
  }
  if (value["dns"] === false) problems.push({ at: ["dns"], key: false, message: "a source of DNS has `dns: true`" });
  if (value["kubernetes"] !== IN_CLUSTER || value["context"] === undefined) return problems;
  return [...problems, { at: ["context"], key: true, message: "`context` is for a kubeconfig file" }];
}

/** The entry in `namers` that means the same. */
export function namerOf(name: string, source: SourceConfig, registry: Registry): object {
  // Always said, since some kinds mean `next` where a linkerd.yaml says nothing.
  const common = { prefix: `/${name}`, whenUnreachable: source.whenUnreachable };
  const experimental = (kind: string) =>
    registry.get("namer", kind)?.experimental === true ? { experimental: true } : {};
  if (source.files !== undefined) return { kind: "io.l5d.fs", ...common, rootDir: source.files };
  if (source.kubernetes !== undefined) return { kind: "io.l5d.k8s", ...common, ...kubernetesAccess(source) };
  if (source.consul !== undefined) return { kind: "io.l5d.consul", ...common, ...consulAgent(source.consul, source) };
  if (source.dns !== undefined) return { kind: "linkspan.dns", ...common };
  if (source.marathon !== undefined) return { kind: "io.l5d.marathon", ...common, ...place(source.marathon) };
  if (source.nomad !== undefined) {
    const { nomad, namespace } = source;
    return { kind: "linkspan.nomad", ...common, ...place(nomad), ...(namespace === undefined ? {} : { namespace }) };
  }
  const [hosts = "", ...chroot] = (source.zookeeper ?? "").split("/");
  const zkAddrs = hosts.split(",").map(zkAddress);
  const kind = `io.l5d.${source.format}`;
  if (source.format === "serversets") return { kind, ...common, ...experimental(kind), zkAddrs };
  const basePath = `/${[...chroot, ...(source.path ?? "/").split("/")].filter((part) => part !== "").join("/")}`;
  return { kind, ...common, ...experimental(kind), zkAddrs, basePath, port: source.port ?? "byTls" };
}

function kubernetesAccess({ kubernetes, context }: SourceConfig): object {
  if (kubernetes === IN_CLUSTER) return { inCluster: true };
  return { kubeconfig: kubernetes, ...(context === undefined ? {} : { context }) };
}

/** What Linkerd 1 left off unless it was told otherwise is on here: checks, weights, `SERVICE#TAG`. */
function consulAgent(agent: string, { token, tokenFile }: SourceConfig): object {
  return {
    ...place(agent),
    useHealthCheck: true,
    useServiceWeights: true,
    tagAfterHash: true,
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  };
}

/** `host`, `host:port` or `[::1]:port`; without a port it is the kind's own. */
function place(text: string): object {
  const [, bracketed, plain, port] = PLACE.exec(text.trim()) ?? [];
  return { host: bracketed ?? plain ?? text, ...(port === undefined ? {} : { port: Number(port) }) };
}

function zkAddress(text: string): object {
  const [, host = text, port = "2181"] = /^(.*?)(?::(\d+))?$/.exec(text.trim()) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
