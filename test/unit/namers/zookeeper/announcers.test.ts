import assert from "node:assert/strict";
import { test } from "node:test";
import { curatorAnnouncer, serversetsAnnouncer } from "../../../../namers/zookeeper/announcers.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";

const server = [{ host: "zk1", port: 2181 }];

const problemsOf = (parse: () => unknown): readonly string[] => {
  try {
    parse();
    return [];
  } catch (error) {
    assert.ok(error instanceof SchemaError);
    return error.problems.map(({ at }) => at.join("."));
  }
};

test("candidates do not stand where readers would take them for instances", () => {
  const curator = (path: string, electionPath: string): readonly string[] =>
    problemsOf(() => curatorAnnouncer.schema.parse({ zkAddrs: server, path, electionPath }));
  assert.deepEqual(curator("/services", "/services/elections"), ["electionPath"]);
  assert.deepEqual(curator("/services", "/services"), ["electionPath"]);
  assert.deepEqual(curator("/services", "/services-elections"), []);
  assert.deepEqual(curator("/", "/elections"), []);
});

test("a server of serversets is announced to with host and port, below /discovery and as shard 0", () => {
  assert.deepEqual(
    problemsOf(() => serversetsAnnouncer.schema.parse({ zkAddrs: [{ host: "zk1" }] })),
    ["zkAddrs.0"],
  );
  const { pathPrefix, shard } = serversetsAnnouncer.schema.parse({ zkAddrs: server }) as {
    readonly pathPrefix: string;
    readonly shard: number;
  };
  assert.deepEqual([pathPrefix, shard], ["/discovery", 0]);
});

test("a mirror takes how the registry is reached from a namer of the same kind", () => {
  for (const { connection = [] } of [curatorAnnouncer, serversetsAnnouncer]) {
    assert.ok(connection.includes("zkAddrs") && connection.includes("auth") && !connection.includes("readOnly"));
  }
});
