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
      tried.add(list.next().server.host);
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
    const { host } = new ServerList(servers, seededRandom(seed)).next().server;
    firsts.set(host, (firsts.get(host) ?? 0) + 1);
  }
  for (const { host } of servers) assert.ok((firsts.get(host) ?? 0) > 60);
});

test("each time that a server is tried, the next address of its name is called", () => {
  const list = new ServerList(servers.slice(0, 1), seededRandom(3));
  const first = list.next().turn;
  assert.deepEqual([list.next().turn, list.next().turn], [first + 1, first + 2]);
  assert.notEqual(new ServerList(servers, seededRandom(4)).next().turn, first);
});

test("the server that is preferred is the next one, at the address that was found", () => {
  const list = new ServerList(servers, seededRandom(1));
  const [, second] = list.all;
  assert.ok(second);
  list.prefer({ server: second, turn: 7 });
  assert.deepEqual(list.next(), { server: second, turn: 7 });
  assert.notEqual(list.next().server, second);
});

test("after a good connection was lost, clients wait up to a tenth of a second, each another time", () => {
  const waits = Array.from({ length: 1_000 }, (_, seed) => new ServerList(servers, seededRandom(seed)).spreadMs());
  assert.ok(waits.every((wait) => wait >= 0 && wait < 100));
  for (let from = 0; from < 100; from += 10)
    assert.ok(waits.filter((wait) => wait >= from && wait < from + 10).length > 40);
});
