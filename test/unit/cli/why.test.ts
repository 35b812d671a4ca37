import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestRecord } from "../../../src/base/request-record.ts";
import { fakeAdmin } from "./fake-admin.ts";
import { cli, type Ran } from "./fake-terminal.ts";

const record: RequestRecord = {
  id: "deadbeef00000007",
  router: "http",
  server: "127.0.0.1/4140",
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  method: "GET",
  name: "/svc/users",
  status: 200,
  class: "success",
  tookMs: 61.24,
  endpoint: "10.0.0.3:80",
  cluster: "/#/fs/users",
  retries: 1,
  requeues: 1,
  decisions: [
    { at: 1, kind: "waited", by: "limit", because: "as many under way as may be", ms: 1 },
    { at: 1.5, kind: "again", by: "requeue", because: "connect.failed", endpoint: "10.0.0.1:80" },
    { at: 8, kind: "again", by: "retry", because: "503", endpoint: "10.0.0.2:80", ms: 20 },
    { at: 60, kind: "end", by: "hedge", because: "budget", ms: 32 },
  ],
};

async function asking(
  argv: readonly string[],
  body: object,
  status = 200,
): Promise<Ran & { readonly asked: readonly string[] }> {
  await using admin = await fakeAdmin(body, status);
  return { ...(await cli(["why", ...argv, "--admin", admin.url])), asked: admin.asked };
}

test("why ID tells what the request met, a line for each decision", async () => {
  const { code, out, asked } = await asking([record.id], { requests: [record] });
  assert.deepEqual([code, asked], [0, [`GET /api/why?id=${record.id}`]]);
  assert.equal(
    out,
    `deadbeef00000007  GET /svc/users  by http at 127.0.0.1/4140, 2026-01-02T03:04:05.000Z
      +1 ms  waited 1 ms: as many under way as may be
    +1.5 ms  connect.failed at 10.0.0.1:80: requeue at once
      +8 ms  503 at 10.0.0.2:80: retry in 20 ms
     +60 ms  slow, and no second attempt: budget
   +61.2 ms  ended: 200 (success), from 10.0.0.3:80 of /#/fs/users
`,
  );
});

test("why lists the last requests that did not go as they should", async () => {
  const { code, out, asked } = await asking(["--limit", "5"], { requests: [record] });
  assert.deepEqual([code, asked], [0, ["GET /api/why?limit=5"]]);
  assert.match(out, /deadbeef00000007 .* \/svc\/users +200 +3 +61\.2 ms\n/);
  assert.match(out, /Next: linkspan why deadbeef00000007\n$/);
  const none = await asking([], { requests: [] });
  assert.deepEqual([none.code, none.out.startsWith("No request failed")], [0, true]);
});

test("why --json is what the admin port says", async () => {
  const { out } = await asking(["--json"], { requests: [record] });
  assert.deepEqual(JSON.parse(out), { requests: [record] });
});

test("why exits 1 where the request is not kept, 2 where that is no id, 3 where there is no router", async () => {
  const gone = await asking([record.id], { requests: [] });
  assert.equal(gone.code, 1);
  assert.match(gone.err, /Next: linkspan why\n/);
  const wrong = await asking(["users"], { error: "users is no id" }, 400);
  assert.deepEqual([wrong.code, wrong.err.includes("users is no id")], [2, true]);
  assert.equal((await asking(["--limit", "x"], {})).code, 2);
  assert.equal((await cli(["why", "--admin", "http://127.0.0.1:1"])).code, 3);
});
