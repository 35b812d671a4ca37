import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpenAccess } from "../../../../namers/kubernetes/api-access.ts";
import { plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { zoneOfNode } from "../../../../namers/kubernetes/node-zone.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An API server that has one node, and what it answers. */
async function lab(answer: (response: ServerResponse, asked: number) => void, signal = new AbortController().signal) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const clock = new FakeClock();
  const log = new RecordingLog();
  const context = testContext({ clock, log, signal });
  const { port } = server.address() as AddressInfo;
  const open: OpenAccess = () => plainAccess({ host: "127.0.0.1", port }, context);
  return {
    asked,
    clock,
    log,
    zone: zoneOfNode("node-1", open, context),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const node = (labels: object) => JSON.stringify({ kind: "Node", metadata: { name: "node-1", labels } });

test("the zone of a node is its label's", async () => {
  await using it = await lab((response) => response.end(node({ "topology.kubernetes.io/zone": "eu-1a" })));
  assert.equal(await it.zone, "eu-1a");
  assert.deepEqual(it.asked, ["/api/v1/nodes/node-1?"]);
  assert.deepEqual(it.log.lines, []);
});

test("a node without the label has no zone, which is told once", async () => {
  await using it = await lab((response) => response.end(node({})));
  assert.equal(await it.zone, undefined);
  assert.equal(it.log.told("zone.unknown").length, 1);
});

test("who is refused asks again, ever later, and tells it once", async () => {
  await using it = await lab((response, asked) => {
    if (asked < 3) response.writeHead(403).end('{"kind":"Status","message":"nodes is forbidden"}');
    else response.end(node({ "topology.kubernetes.io/zone": "eu-1b" }));
  });
  for (const [asked, waitMs] of [
    [1, 1_000],
    [2, 2_000],
  ] as const) {
    await eventually("it has waited", () => it.asked.length === asked && (it.clock.nextIn ?? Infinity) <= waitMs);
    it.clock.advance(waitMs);
  }
  assert.equal(await it.zone, "eu-1b");
  const [told, ...others] = it.log.told("zone.unknown");
  assert.match(String(told?.fields["error"]), /the node node-1: 403 nodes is forbidden/);
  assert.deepEqual(others, []);
});

test("whoever ends it while it asks gets no zone", async () => {
  const end = new AbortController();
  await using it = await lab(() => end.abort(), end.signal);
  assert.equal(await it.zone, undefined);
});
