/** io.l5d.zkLeader over a ZooKeeper of any make: what the contract of namers asks for, said by one member of a group. */
import type { ZkClient } from "../../namers/zookeeper/client.ts";
import { GroupNamer } from "../../namers/zookeeper/group-namer.ts";
import { leaders } from "../../namers/zookeeper/leaders.ts";
import { isZkError } from "../../namers/zookeeper/zk-error.ts";
import type { FixtureInstance, FixtureOptions } from "../../src/testing/namer-contract.ts";
import type { GroupFixture } from "./serverset-fixture.ts";
import { type RegistryVerbs, type ServerVerbs, zookeeperFixture } from "./zookeeper-fixture.ts";

/** `port` is where the server listens on 127.0.0.1; each fixture has a chroot of its own there. */
export function leaderFixture(
  port: number,
  given: FixtureOptions,
  server: ServerVerbs = {},
): Promise<GroupFixture<string>> {
  return zookeeperFixture(port, given, {
    server,
    newNamer: (options, basePath, context) =>
      new GroupNamer(leaders, { ...options, connectString: options.connectString + basePath }, context),
    newRegistry: groups,
  });
}

/** The instances of a service are what its leader says of itself; without any there is no leader. */
function groups(writer: ZkClient, basePath: string): RegistryVerbs {
  const said = new Map<string, string>();
  const leader = (service: string): string => `${basePath}/${service}/member_0000000001`;
  const write = async (service: string, text: string): Promise<void> => {
    try {
      await writer.setData(leader(service), Buffer.from(text));
    } catch (error) {
      if (!isZkError(error, "NO_NODE")) throw error;
      await writer.create(leader(service), Buffer.from(text));
    }
  };
  return {
    async put(service, instances) {
      if (!said.has(service)) await writer.create(`${basePath}/${service}`, Buffer.alloc(0));
      const text = listOf(instances);
      if (text !== "") await write(service, text);
      else if (said.get(service) !== undefined) await writer.delete(leader(service));
      said.set(service, text);
    },
    touch: (service) => write(service, said.get(service) ?? ""),
    async drop(service) {
      const nodes = said.get(service) === "" ? [] : [leader(service)];
      await writer.multi([...nodes, `${basePath}/${service}`].map((path) => ({ kind: "delete", path })));
      said.delete(service);
    },
    spoil: (service) => write(service, "nonsense"),
    mend: (service) => write(service, said.get(service) ?? ""),
  };
}

const listOf = (instances: readonly FixtureInstance[]): string =>
  instances.map(({ host, port }) => `${host}:${port}`).join(",");
