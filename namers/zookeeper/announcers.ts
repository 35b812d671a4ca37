/** The plugins that write into registries on ZooKeeper. */
import { definePlugin, s } from "linkspan/plugin";
import { connection, serverHost } from "./connection-schema.ts";
import { nodePath } from "./node-path.ts";

const { readOnly: _, ...reaching } = connection;

const electionPath = nodePath({
  doc: "The node below which the daemons that write the same elect one; none that readers of the registry look into.",
  default: "/linkspan/elections",
});

interface Places {
  readonly electionPath: string;
}

/** Readers would take the candidates for instances, and could not read them. */
const electedElsewhere = (key: string, base: string, { electionPath: elections }: Places) =>
  base === "/" || !`${elections}/`.startsWith(`${base}/`)
    ? []
    : [
        {
          at: ["electionPath"],
          message: `\`electionPath\` cannot be below \`${key}\`, where registered instances stand`,
        },
      ];

const curatorSchema = s.object(
  {
    ...reaching,
    path: nodePath({ doc: "The node of the service that is written to, or the one below which services are." }),
    electionPath,
  },
  { check: (config) => electedElsewhere("path", config.path, config) },
);

export const curatorAnnouncer = definePlugin({
  api: 1,
  family: "announcer",
  kind: "io.l5d.curator",
  connection: Object.keys(reaching),
  schema: curatorSchema,
  async create(config, context) {
    // Threads that only read the configuration do not load the client.
    const [{ ZkAnnouncer }, { curatorEntries }, { zkOptions }] = await Promise.all([
      import("./zk-announcer.ts"),
      import("./curator-entry.ts"),
      import("./connection-options.ts"),
    ]);
    const { path, electionPath: elections } = config;
    const options = { ...zkOptions({ ...config, readOnly: false }, context.baseDir), base: path };
    return new ZkAnnouncer({ ...options, electionPath: elections }, curatorEntries, context);
  },
});

const serversetsSchema = s.object(
  {
    ...reaching,
    zkAddrs: s.list(s.object({ host: serverHost, port: s.port({ doc: "Its client port." }) }), {
      least: 1,
      doc: "The servers, each with host and port.",
    }),
    pathPrefix: nodePath({ doc: "The node that announced paths go on from.", default: "/discovery" }),
    shard: s.integer({ doc: "The shard id that members are announced with.", min: 0, default: 0 }),
    electionPath,
  },
  { check: (config) => electedElsewhere("pathPrefix", config.pathPrefix, config) },
);

export const serversetsAnnouncer = definePlugin({
  api: 1,
  family: "announcer",
  kind: "io.l5d.serversets",
  connection: Object.keys(reaching),
  schema: serversetsSchema,
  async create(config, context) {
    const [{ ZkAnnouncer }, { serversetEntries }, { zkOptions }] = await Promise.all([
      import("./zk-announcer.ts"),
      import("./serverset-entry.ts"),
      import("./connection-options.ts"),
    ]);
    const { pathPrefix, electionPath: elections, shard } = config;
    const options = { ...zkOptions({ ...config, readOnly: false }, context.baseDir), base: pathPrefix };
    return new ZkAnnouncer({ ...options, electionPath: elections }, serversetEntries(shard), context);
  },
});
