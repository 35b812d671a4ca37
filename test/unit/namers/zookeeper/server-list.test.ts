import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { ServerList } from "../../../../namers/zookeeper/server-list.ts";

const servers = ["a", "b", "c"].map((host) => ({ host, port: 1 }));

test("every server is tried once without a pause, then rounds are further and further apart, to a second at most", () => {
  const list = new ServerList(servers, seededRandom(1));
  const pauses: number[] = [];
  for (let round = 0; round < 8; round++) {
    const tried = new Set<string>();
    for (let at = 0; at < 3; at++) {
      tried.add(list.next().host);
      const pause = list.pauseMs();
      if (at < 2) assert.equal(pause, 0);
      else pauses.push(pause);
    }
    assert.equal(tried.size, 3);
  }
  assert.ok((pauses[0] ?? 0) >= 50 && (pauses[0] ?? 0) < 100);
  assert.ok(pauses.every((pause) => pause < 1_000));
  assert.ok(pauses.slice(4).every((pause) => pause >= 500));
  list.reset();
  assert.equal(list.pauseMs(), 0);
});

test("clients spread over the servers", () => {
  const firsts = new Map<string, number>();
  for (let seed = 0; seed < 300; seed++) {
    const { host } = new ServerList(servers, seededRandom(seed)).next();
    firsts.set(host, (firsts.get(host) ?? 0) + 1);
  }
  for (const { host } of servers) assert.ok((firsts.get(host) ?? 0) > 60);
});
