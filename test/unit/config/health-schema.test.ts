import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionCheck } from "../../../src/config/health-schema.ts";
import { SchemaError } from "../../../src/config/plugin.ts";
import { errorsOf } from "./read.ts";

const router = (check: string): string => `namers:
- {kind: io.l5d.fs, rootDir: disco}
routers:
- protocol: http
  client: {healthCheck: ${check}}
  servers: [{port: 4140}]
`;

const messages = async (check: string): Promise<readonly string[]> =>
  (await errorsOf(router(check))).map(({ message }) => message);

test("a check says its kind, and everything else has a default", async () => {
  for (const kind of ["http", "grpc", "tcp"]) assert.deepEqual(await messages(`{kind: ${kind}}`), []);
  assert.deepEqual(await messages("{}"), ["`kind` is missing"]);
});

test("times below ten ms, paths that are none, and thresholds of nothing are refused", async () => {
  assert.deepEqual(await messages("{kind: http, interval: 5ms}"), ["`interval` is below 10 ms"]);
  assert.deepEqual(await messages("{kind: http, timeout: 0}"), ["`timeout` is below 10 ms"]);
  assert.match((await messages("{kind: http, path: health}"))[0] ?? "", /is not the path of a request/);
  assert.match((await messages("{kind: http, down: 0}"))[0] ?? "", /`down` is the number 0/);
});

test("endpoints of a TCP router are asked for nothing but a connection", async () => {
  assert.equal(connectionCheck.parse({ kind: "tcp", interval: "2s" })?.interval, 2_000);
  const asks = (error: unknown): boolean =>
    error instanceof SchemaError && error.problems[0]?.message === "`http` asks by a request";
  assert.throws(() => connectionCheck.parse({ kind: "http" }), asks);
});
