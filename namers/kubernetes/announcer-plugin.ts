/** The plugin that announces in Kubernetes. */
import { definePlugin, s } from "linkspan/plugin";
import { accessFields, accessProblems, openAccess } from "./access-schema.ts";

/** RFC 1123 §2.1. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const port = s.object({
  name: s.string({ doc: "The port's name, by which `io.l5d.k8s` and DNS know it." }),
  port: s.port({ doc: "The Service's port." }),
  from: s.oneOf(["port", "tlsPort"], {
    default: "port",
    doc: "Which port of the instances it leads to: their port, or that for TLS.",
  }),
});

const schema = s.object(
  {
    ...accessFields,
    namespace: s.string({ doc: "Where the Services are." }),
    service: s.optional(
      s.string({ doc: "The name of the Service; where it is not said, what is announced has a path that says it." }),
    ),
    ports: s.list(port, {
      least: 1,
      default: [{ name: "http", port: 80 }],
      doc: "The Service's ports. At which ports the instances are called, they say themselves.",
    }),
    headless: s.boolean({
      default: false,
      doc: "Whether the Service has no address of its own, so that DNS gives those of its endpoints.",
    }),
  },
  {
    check: (config) => [
      ...accessProblems(config),
      ...config.ports.flatMap(({ name }, at) => {
        const isTaken = config.ports.findIndex((each) => each.name === name) < at;
        const message = isTaken ? `two ports are called ${name}` : `${name} cannot be the name of a port`;
        return isTaken || !DNS_LABEL.test(name) ? [{ at: ["ports", at, "name"], message }] : [];
      }),
    ],
  },
);

export const k8sAnnouncer = definePlugin({
  api: 1,
  family: "announcer",
  kind: "io.l5d.k8s",
  schema,
  connection: Object.keys(accessFields),
  async create({ namespace, service, ports, headless, ...access }, context) {
    const { ServiceAnnouncer } = await import("./service-announcer.ts");
    const open = await openAccess(access, context);
    return new ServiceAnnouncer({ open, namespace, service, ports, headless }, context);
  },
});
