import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf } from "./read.ts";

const file = (router: string, top = ""): string => `${top}routers:\n- protocol: http\n${router}`;
const server = "  servers: [{port: 4140}]\n";

/** What is written, and where it is said to belong. */
const cases: readonly (readonly [string, string, RegExp])[] = [
  ["failFast on a router", file(`${server}  failFast: true\n`), /belongs into `client`/],
  ["responseClassifier on a router", file(`${server}  responseClassifier: {kind: x}\n`), /belongs into `service`/],
  ["timeoutMs on a router", file(`${server}  timeoutMs: 5\n`), /is now `totalTimeoutMs` in `service`/],
  ["maxChunkKB", file(`${server}  maxChunkKB: 5\n`), /is gone/],
  ["a port on a router", file(`${server}  port: 4140\n`), /belongs into an entry of `servers`/],
  ["a dtab on a server", file("  servers: [{port: 4140, dtab: x}]\n"), /belongs into the router/],
  ["a total timeout on a client", file(`${server}  client: {totalTimeoutMs: 5}\n`), /belongs into `service`/],
  ["a balancer on a service", file(`${server}  service: {loadBalancer: {kind: p2c}}\n`), /belongs into `client`/],
  ["tracers", file(server, "tracers: []\n"), /is now `telemetry`/],
  ["a dtab at the top", file(server, "dtab: x\n"), /belongs into an entry of `routers`/],
];

for (const [name, text, says] of cases) {
  test(`${name} is refused with where it went`, async () => {
    const errors = await errorsOf(text);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ["key.refused"],
    );
    assert.match(errors[0]?.message ?? "", says);
  });
}
