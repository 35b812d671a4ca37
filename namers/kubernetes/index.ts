/** The plugins that read Kubernetes, and write to it. */
import { definePlugin, type Environment, type PluginContext, s } from "linkspan/plugin";
import { type AccessConfig, accessFields, accessProblems, openAccess } from "./access-schema.ts";
import { k8sAnnouncer } from "./announcer-plugin.ts";
import type { OpenAccess } from "./api-access.ts";
import type { ServiceNamerOptions } from "./service-namer.ts";
import { ingressIdentifier } from "./identifiers.ts";
import { daemonsetTransformer, localNodeTransformer } from "./transformers.ts";

const labelSelector = s.optional(
  s.string({ doc: "The key of a label. Paths then have its value behind the Service, and lead only to what has it." }),
);

const nodePorts = s.boolean({
  default: false,
  doc: "Whether instances say by which address and port of their node they are reached, for mirrors with `address: nodePort`. Takes the right to list and watch nodes.",
});

const schema = s.object({ ...accessFields, labelSelector }, { check: accessProblems });
const endpointsSchema = s.object({ ...accessFields, labelSelector, nodePorts }, { check: accessProblems });

const namespaceSchema = s.object(
  {
    ...accessFields,
    labelSelector,
    nodePorts,
    envVar: s.string({
      doc: "The environment variable that says the namespace; where it is not set, it is that of the credentials.",
      default: "POD_NAMESPACE",
    }),
  },
  { check: accessProblems },
);

const storeSchema = s.object(
  { ...accessFields, namespace: s.string({ default: "default", doc: "The namespace of the ConfigMaps." }) },
  { check: accessProblems },
);

const configMapSchema = s.object(
  {
    ...accessFields,
    namespace: s.string({ default: "default", doc: "The namespace of the ConfigMap." }),
    name: s.string({ doc: "The name of the ConfigMap." }),
    filename: s.string({ doc: "The key of its data that has the dtab, which lies below the router's own." }),
  },
  { check: accessProblems },
);

export const k8sNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.k8s",
  schema: endpointsSchema,
  create: (config, context) => create(config, context, { binds: "endpoints" }),
});

export const k8sNamespaceNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.k8s.ns",
  schema: namespaceSchema,
  create: (config, context) =>
    create(config, context, {
      binds: "endpoints",
      namespaceOf: (open) => namespaceIn(config.envVar, context.env, open),
    }),
});

export const k8sExternalNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.k8s.external",
  schema,
  create: (config, context) => create(config, context, { binds: "ingress" }),
});

export const configMapInterpreter = definePlugin({
  api: 1,
  family: "interpreter",
  kind: "io.l5d.k8s.configMap",
  schema: configMapSchema,
  async create({ namespace, name, filename, ...access }, context) {
    const { ConfigMapDtab } = await import("./config-map-dtab.ts");
    const open = await openAccess(access, context);
    return context.interpret(new ConfigMapDtab({ open, namespace, name, filename }, context));
  },
});

export const k8sStore = definePlugin({
  api: 1,
  family: "store",
  kind: "io.l5d.k8s",
  schema: storeSchema,
  async create({ namespace, ...access }, context) {
    const { K8sDocuments } = await import("./documents.ts");
    const open = await openAccess(access, context);
    return new K8sDocuments({ open, namespace, collection: context.collection }, context);
  },
});

export default [
  k8sStore,
  k8sNamer,
  k8sNamespaceNamer,
  k8sExternalNamer,
  k8sAnnouncer,
  configMapInterpreter,
  localNodeTransformer,
  daemonsetTransformer,
  ingressIdentifier,
];

interface Shape {
  readonly binds: ServiceNamerOptions["binds"];
  readonly namespaceOf?: (open: OpenAccess) => Promise<string>;
}

async function create(
  config: AccessConfig & { readonly labelSelector?: string; readonly nodePorts?: boolean },
  context: PluginContext,
  { binds, namespaceOf }: Shape,
) {
  // Threads that only read the configuration do not load the client.
  const { ServiceNamer } = await import("./service-namer.ts");
  const open = await openAccess(config, context);
  const namespace = await namespaceOf?.(open);
  const { labelSelector, nodePorts: saysNodePorts } = config;
  return new ServiceNamer({ binds, open, namespace, labelSelector, nodePorts: saysNodePorts }, context);
}

/** Throws an Error that says that nobody says it. */
async function namespaceIn(envVar: string, env: Environment, open: OpenAccess): Promise<string> {
  const said = env[envVar];
  if (said !== undefined && said !== "") return said.toLowerCase();
  await using access = open();
  if (access.namespace === undefined)
    throw new Error(`the environment variable ${envVar}, which says the namespace, is not set`);
  return access.namespace;
}
