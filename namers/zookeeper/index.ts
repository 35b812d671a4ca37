/** The plugins that read and write ZooKeeper. */
import { definePlugin, type Infer, s } from "linkspan/plugin";

const server = s.object({
  host: s.string({ doc: "A ZooKeeper server." }),
  port: s.port({ doc: "Its client port.", default: 2181 }),
});

const basePath = s.text(
  {
    expected: "an absolute path without a slash at its end, such as /services",
    parse(text) {
      if (!text.startsWith("/")) throw new Error(`${JSON.stringify(text)} does not begin with a slash`);
      if (text !== "/" && text.endsWith("/")) throw new Error(`${JSON.stringify(text)} ends with a slash`);
      return text;
    },
  },
  { doc: "The node whose children are the services.", default: "/" },
);

/** What every plugin on ZooKeeper is told of its servers. */
const connection = {
  zkAddrs: s.either([s.list(server, { least: 1 }), s.string()], {
    doc: "The servers: a list of host and port, or a connect string such as `zk1:2181,zk2:2181/chroot`.",
  }),
  sessionTimeoutMs: s.integer({ doc: "Session timeout to ask for, in ms.", min: 100, default: 10_000 }),
  auth: s.list(
    s.object({ scheme: s.string({ doc: "Such as `digest`." }), value: s.string({ doc: "Such as `user:password`." }) }),
    { doc: "Credentials given to each connection.", default: [] },
  ),
};

const curatorSchema = s.object({
  ...connection,
  basePath,
  port: s.oneOf(["sslPort", "port"], {
    doc: "Which port is called where an instance has both.",
    default: "sslPort",
  }),
  useDisabled: s.boolean({
    doc: "Whether instances that are not enabled are called, as in Linkerd 1.",
    default: false,
  }),
  bindEmpty: s.boolean({
    doc: "Whether a service without instances is bound to nobody, as in Linkerd 1, and not unknown.",
    default: false,
  }),
});

export const curatorNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.curator",
  schema: curatorSchema,
  async create(config, context) {
    const { zkAddrs, ...rest } = config;
    // Threads that only read the configuration do not load the client.
    const { CuratorNamer } = await import("./curator-namer.ts");
    return new CuratorNamer({ ...rest, connectString: connectStringOf(zkAddrs) }, context);
  },
});

export default [curatorNamer];

function connectStringOf(zkAddrs: Infer<typeof curatorSchema>["zkAddrs"]): string {
  if (typeof zkAddrs === "string") return zkAddrs;
  return zkAddrs.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(",");
}
