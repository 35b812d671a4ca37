/** The plugins that read and write ZooKeeper. */
import { definePlugin, s } from "linkspan/plugin";
import { curatorAnnouncer, serversetsAnnouncer } from "./announcers.ts";
import { connection, readOnlyKey } from "./connection-schema.ts";
import type { Groups } from "./group-namer.ts";
import { nodePath } from "./node-path.ts";
import { zkStore } from "./stores.ts";
import { leaderSystemNamer, serversetSystemNamer } from "./system-namers.ts";

const basePath = nodePath({ doc: "The node whose children are the services.", default: "/" });

const curatorSchema = s.object({
  ...connection,
  basePath,
  port: s.oneOf(["sslPort", "port", "byTls"], {
    doc: "Which port is called where an instance has both; `byTls`: `sslPort` by clients with `tls`, `port` by others.",
    default: "sslPort",
  }),
  tags: s.list(s.string(), {
    doc: "Only instances whose payload lists all of these under `tags`.",
    default: [],
  }),
  meta: s.list(s.oneOf(["id", "zone", "payload"]), {
    doc: "What of an instance its endpoint shows: its id, or what its payload says.",
    default: [],
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
    // Threads that only read the configuration do not load the client.
    const [{ CuratorNamer }, { zkOptions }] = await Promise.all([
      import("./curator-namer.ts"),
      import("./connection-options.ts"),
    ]);
    const { basePath, port, tags, meta, useDisabled, bindEmpty } = config;
    const own = { basePath, port, tags, meta, useDisabled, bindEmpty };
    return new CuratorNamer({ ...zkOptions(config, context.baseDir), ...own }, context);
  },
});

export const serversetsNamer = groupNamer(
  "io.l5d.serversets",
  // As in Linkerd 1.
  { readOnly: true },
  async () => (await import("./serversets.ts")).serversets,
);

export const leaderNamer = groupNamer(
  "io.l5d.zkLeader",
  { readOnly: false },
  async () => (await import("./leaders.ts")).leaders,
);

export default [
  curatorNamer,
  serversetsNamer,
  leaderNamer,
  leaderSystemNamer,
  serversetSystemNamer,
  curatorAnnouncer,
  serversetsAnnouncer,
  zkStore,
];

function groupNamer<T>(kind: string, byDefault: { readonly readOnly: boolean }, load: () => Promise<Groups<T>>) {
  return definePlugin({
    api: 1,
    family: "namer",
    kind,
    schema: s.object({ ...connection, readOnly: readOnlyKey(byDefault.readOnly) }),
    async create(config, context) {
      const [{ GroupNamer }, groups, { zkOptions }] = await Promise.all([
        import("./group-namer.ts"),
        load(),
        import("./connection-options.ts"),
      ]);
      return new GroupNamer(groups, zkOptions(config, context.baseDir), context);
    },
  });
}
