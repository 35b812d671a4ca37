import assert from "node:assert/strict";
import { test } from "node:test";
import { hostLimits } from "../../src/host-limits.ts";

const able = { passesSockets: true, movesQueues: true };

test("a host that can do all has no limits", () => {
  assert.deepEqual(hostLimits({ workers: 4 }, able), []);
});

test("without a way to pass sockets on there is no take-over", () => {
  const [limit, ...rest] = hostLimits({ workers: undefined }, { ...able, passesSockets: false });
  assert.match(limit ?? "", /--take-over/);
  assert.deepEqual(rest, []);
});

test("what waits for a worker that dies is lost only where there are several", () => {
  const facts = { ...able, movesQueues: false };
  assert.deepEqual(hostLimits({ workers: undefined }, facts), []);
  assert.deepEqual(hostLimits({ workers: 0 }, facts), []);
  assert.match(hostLimits({ workers: 2 }, facts)[0] ?? "", /sysctl -w net\.ipv4\.tcp_migrate_req=1$/);
});

test("this Node can do what it is tested for", () => {
  assert.deepEqual(hostLimits({ workers: 1 }), []);
});
