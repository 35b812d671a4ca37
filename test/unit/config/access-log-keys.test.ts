import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf, read } from "./read.ts";

const http = (keys: string): string => `routers:\n- protocol: http\n${keys}  servers:\n  - {}\n`;

test("a router without the key has no access log, whatever else is said of one", async () => {
  const [router] = (await read(http("  httpAccessLogRollPolicy: daily\n"))).routers;
  assert.equal(router?.accessLog, undefined);
});

test("Linkerd 1's defaults are to append, never to roll, and to keep all", async () => {
  const [router] = (await read(http("  httpAccessLog: logs/access.log\n"))).routers;
  assert.deepEqual(router?.accessLog, {
    path: "logs/access.log",
    roll: { kind: "never" },
    append: true,
    rotateCount: -1,
    style: "http",
  });
});

test("a policy that is none is told with what it can be", async () => {
  const [error] = await errorsOf(http("  httpAccessLogRollPolicy: monthly\n"));
  assert.equal(error?.line, 3);
  assert.match(error.message, /"monthly" says no time and no size/);
  assert.equal(error.expected, "Never, Hourly, Daily, Weekly(n), or a size such as 10.megabytes");
  assert.equal((await errorsOf(http("  httpAccessLogRotateCount: -2\n")))[0]?.line, 3);
});
