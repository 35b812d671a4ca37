/** The plugins that keep a name's traffic on a node, or send it through the proxies of the nodes. */
import { definePlugin, Path, s } from "linkspan/plugin";
import { accessFields, openAccess } from "./access-schema.ts";

const common = {
  prefix: s.optional(s.path({ doc: "Begins, after `/%`, the ids that it gives; that of its kind if it is not said." })),
  hostNetwork: s.boolean({
    default: false,
    doc: "Whether pods are in the network of their node: nodes are then told by `nodeName`, and not by the first 24 bits of an IP.",
  }),
} as const;

export const localNodeTransformer = definePlugin({
  api: 1,
  family: "transformer",
  kind: "io.l5d.k8s.localnode",
  schema: s.object(common),
  async create(config, { env }) {
    const { toLocalNode } = await import("./local-node-transformer.ts");
    return toLocalNode(config, env);
  },
});

const { kubeconfig, context: kubeContext, inCluster } = accessFields;

export const daemonsetTransformer = definePlugin({
  api: 1,
  family: "transformer",
  kind: "io.l5d.k8s.daemonset",
  schema: s.object({
    ...common,
    namespace: s.string({ doc: "The namespace of the daemonset's Service." }),
    service: s.string({ doc: "The Service of the proxies, such as `l5d`." }),
    port: s.string({ doc: "Its port, by name or number." }),
    k8sHost: s.optional(s.string({ doc: "The API server's host, for plain HTTP; `localhost` if nothing is said." })),
    k8sPort: s.optional(s.port({ doc: "Its port; 8001 if it is not said." })),
    kubeconfig,
    context: kubeContext,
    inCluster,
  }),
  async create(config, context) {
    const [{ DaemonsetTransformer }, { ServiceNamer }, { byNodeName, bySubnet }] = await Promise.all([
      import("./daemonset-transformer.ts"),
      import("./service-namer.ts"),
      import("./same-node.ts"),
    ]);
    const { namespace, service, port, k8sHost: host, k8sPort, hostNetwork, inCluster: isInCluster } = config;
    const gateway = Path.of(namespace, port, service);
    const prefix = config.prefix ?? Path.of("io.l5d.k8s.daemonset").concat(gateway);
    const way = {
      ...(host === undefined ? {} : { host }),
      ...(k8sPort === undefined ? {} : { port: k8sPort }),
      ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
      ...(config.context === undefined ? {} : { context: config.context }),
      inCluster: isInCluster,
    };
    const own = { ...context, label: `/%${prefix.show}` };
    const namer = new ServiceNamer({ binds: "endpoints", open: await openAccess(way, own) }, own);
    return new DaemonsetTransformer({ prefix, namer, gateway, nodeOf: hostNetwork ? byNodeName : bySubnet });
  },
});
