import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { whyRoutes } from "../../../src/admin/why-routes.ts";
import type { AdminRequest } from "../../../src/admin/server.ts";
import type { RequestRecord, WhyQuery } from "../../../src/base/request-record.ts";

const record = (at: number): RequestRecord => ({
  id: "00000000000000aa",
  router: "http",
  server: "s",
  at,
  method: "GET",
  status: 200,
  class: "success",
  tookMs: 1,
  retries: 0,
  requeues: 0,
  decisions: [],
});

async function asking(query: string) {
  const asked: WhyQuery[] = [];
  const [route] = whyRoutes(async (each) => {
    asked.push(each);
    return [record(1), record(3), record(2)];
  });
  let status = 0;
  let body = "";
  const response = { writeHead: (code: number) => void (status = code), end: (text: string) => void (body = text) };
  const request = { url: new URL(`http://a/api/why${query}`) } as AdminRequest;
  await route?.handle(request, response as unknown as ServerResponse);
  return { asked, status, data: JSON.parse(body) as { requests?: RequestRecord[]; error?: string } };
}

test("all workers' records come together, the newest first, and no more than were asked for", async () => {
  const { asked, data } = await asking("?id=00000000000000AA&limit=2");
  assert.deepEqual(asked, [{ why: { id: "00000000000000aa", limit: 2 } }]);
  assert.deepEqual(
    data.requests?.map(({ at }) => at),
    [3, 2],
  );
  assert.deepEqual((await asking("")).asked, [{ why: { limit: 20 } }]);
});

test("of an id of 128 bits the last half is looked for", async () => {
  const { asked } = await asking("?id=0123456789abcdef00000000000000aa");
  assert.deepEqual(asked, [{ why: { id: "00000000000000aa", limit: 20 } }]);
});

test("what is no id, and no limit, is refused with a sentence", async () => {
  for (const query of ["?id=users", "?id=12", "?limit=0", "?limit=many"]) {
    const { status, data, asked } = await asking(query);
    assert.deepEqual([status, asked.length], [400, 0], query);
    assert.ok(data.error);
  }
});
