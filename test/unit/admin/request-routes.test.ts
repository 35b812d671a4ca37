import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { requestRoutes, type RequestsShown } from "../../../src/admin/request-routes.ts";
import type { AdminRequest } from "../../../src/admin/server.ts";
import type { RequestRecord, WhyQuery } from "../../../src/base/request-record.ts";

const record = (at: number, more: Partial<RequestRecord> = {}): RequestRecord => ({
  id: "00000000000000aa",
  router: "http",
  server: "127.0.0.1/4140",
  caller: "10.0.0.9",
  at,
  method: "GET",
  name: "/svc/users",
  status: 200,
  class: "success",
  tookMs: 1.25,
  endpoint: "10.0.0.1:80",
  cluster: "/#/io.l5d.fs/users",
  retries: 0,
  requeues: 0,
  decisions: [],
  ...more,
});

async function asking(query: string, records: readonly RequestRecord[], shown: RequestsShown) {
  const asked: WhyQuery[] = [];
  const [route] = requestRoutes(async (each) => {
    asked.push(each);
    return records;
  }, shown);
  let body = "";
  const response = { writeHead: () => undefined, end: (text: string) => void (body = text) };
  const request = { url: new URL(`http://a/requests${query}`) } as AdminRequest;
  await route?.handle(request, response as unknown as ServerResponse);
  return { asked, body };
}

test("the last requests of all workers are shown, the newest first, no more than its capacity", async () => {
  const shown = { sampleRate: 0.25, capacity: 2 };
  const { asked, body } = await asking("?format=json", [record(1), record(3), record(2)], shown);
  assert.deepEqual(asked, [{ why: { share: 0.25, limit: 2 } }]);
  const { requests } = JSON.parse(body) as { requests: RequestRecord[] };
  assert.deepEqual(
    requests.map(({ at }) => at),
    [3, 2],
  );
});

test("the page has Linkerd 1's columns, its names lead to the playground, and nothing of a request is markup", async () => {
  const odd = record(0, { name: '/svc/<b>&"x', code: "binding.neg", status: 502 });
  const { asked, body } = await asking("", [odd], { sampleRate: 1, capacity: 5_000 });
  assert.deepEqual(asked, [{ why: { share: 1, limit: 1_000 } }]);
  assert.ok(body.includes("<td>1970-01-01T00:00:00.000Z</td><td>10.0.0.9</td><td>127.0.0.1/4140</td><td>http</td>"));
  assert.ok(body.includes('<a href="delegator#/svc/%3Cb%3E&amp;%22x">/svc/&lt;b>&amp;&quot;x</a>'));
  assert.ok(body.includes('<a href="delegator#/%23/io.l5d.fs/users">/#/io.l5d.fs/users</a>'));
  assert.ok(body.includes("<td>10.0.0.1:80</td><td>502 binding.neg</td><td>1.3</td>"));
});
