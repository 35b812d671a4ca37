import assert from "node:assert/strict";
import { test } from "node:test";
import { DrainingEndpoints } from "../../../src/cluster/draining-endpoints.ts";
import type { Endpoint } from "../../../src/cluster/endpoint.ts";

function draining(all: DrainingEndpoints) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked: number[] = [];
  const endpoint = { drain: (ms: number) => void asked.push(ms) } as unknown as Endpoint;
  all.add(endpoint, promise);
  return { end: resolve, asked };
}

test("an endpoint is there until nothing of it is left; who hurries them waits for all", async () => {
  const all = new DrainingEndpoints();
  const [one, two] = [draining(all), draining(all)];
  one.end();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(all.size, 1);
  const hurried = all.hurry(5);
  assert.deepEqual([one.asked, two.asked], [[], [5]]);
  two.end();
  await hurried;
  assert.equal(all.size, 0);
});
