/** The plugins that read ZooKeeper under `/$/`, where a path says which ensemble it is in. */
import { definePlugin, s } from "linkspan/plugin";
import { connection } from "./connection-schema.ts";
import type { Groups } from "./group-namer.ts";

const connectionOnly = s.object(connection);

/** `/$/io.buoyant.namer.zk.leader/HOST:PORT::HOST:PORT/PATH`. */
export const leaderSystemNamer = ensembleNamer("io.buoyant.namer.zk.leader", async () => {
  const [{ leaders }, { leaderHosts }] = await Promise.all([import("./leaders.ts"), import("./ensemble-namer.ts")]);
  return { groups: leaders, hostsOf: leaderHosts };
});

/** `/$/com.twitter.serverset/CONNECT STRING/PATH[:ENDPOINT][#SHARD]`. */
export const serversetSystemNamer = ensembleNamer("com.twitter.serverset", async () => {
  const [{ serversets }, { serversetHosts }] = await Promise.all([
    import("./serversets.ts"),
    import("./ensemble-namer.ts"),
  ]);
  return { groups: { ...serversets, isWholePath: true }, hostsOf: serversetHosts };
});

interface EnsembleKind<T> {
  readonly groups: Groups<T>;
  readonly hostsOf: (element: string) => readonly string[];
}

function ensembleNamer<T>(kind: string, load: () => Promise<EnsembleKind<T>>) {
  return definePlugin({
    api: 1,
    family: "systemNamer",
    kind,
    schema: s.object({}),
    async create(_, context) {
      const [{ groups, hostsOf }, { Ensembles }, { EnsembleNamer }, { GroupNamer }, { zkOptions }] = await Promise.all([
        load(),
        import("./ensembles.ts"),
        import("./ensemble-namer.ts"),
        import("./group-namer.ts"),
        import("./connection-options.ts"),
      ]);
      const open = (hosts: string) => {
        const options = zkOptions(connectionOnly.parse({ zkAddrs: hosts, readOnly: true }), context.baseDir);
        return new GroupNamer(groups, options, { ...context, label: `${context.label}/${hosts}` });
      };
      return new EnsembleNamer(new Ensembles(context, open), hostsOf);
    },
  });
}
