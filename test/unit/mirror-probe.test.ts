import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { systemClock } from "../../src/base/time.ts";
import type { MirrorConfig } from "../../src/config/config.ts";
import { mirrorProbe } from "../../src/mirror-probe.ts";
import { socketDialer } from "../../src/testing/plugin-context.ts";
import { connectProxy } from "../fakes/connect-proxy.ts";

const never = new AbortController().signal;

const probeBy = (probe: MirrorConfig["probe"]) => mirrorProbe({ probe }, { dial: socketDialer, clock: systemClock });

async function listener() {
  const server = createServer((socket) => void socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

test("an address is tried from this host, unless nothing is to be tried", async () => {
  using there = await listener();
  const probe = probeBy(true);
  await probe?.("127.0.0.1", there.port, never);
  await assert.rejects(probe?.("127.0.0.1", 1, never) ?? Promise.resolve(), /ECONNREFUSED/);
  assert.equal(probeBy(false), undefined);
});

test("an address is tried through a proxy where the callers are, which says whether it reaches it", async () => {
  await using proxy = await connectProxy((target) => target === "10.1.0.1:8080");
  const probe = probeBy({ timeout: 5_000, through: { host: "127.0.0.1", port: proxy.port } });
  await probe?.("10.1.0.1", 8080, never);
  const reasons = { "10.1.0.2": /through 127\.0\.0\.1:\d+: the proxy answered 502 to CONNECT/, "fd00::1": /502/ };
  for (const [host, why] of Object.entries(reasons)) {
    await assert.rejects(probe?.(host, 8080, never) ?? Promise.resolve(), why);
  }
  assert.deepEqual(proxy.asked, ["10.1.0.1:8080", "10.1.0.2:8080", "[fd00::1]:8080"]);
});

test("a proxy that cannot be reached, or does not answer in time, reaches nothing", async () => {
  const gone = probeBy({ timeout: 5_000, through: { host: "127.0.0.1", port: 1 } });
  await assert.rejects(gone?.("10.1.0.1", 80, never) ?? Promise.resolve(), /through 127\.0\.0\.1:1: .*ECONNREFUSED/);
  using mute = await listener();
  const slow = probeBy({ timeout: 100, through: { host: "127.0.0.1", port: mute.port } });
  await assert.rejects(slow?.("10.1.0.1", 80, never) ?? Promise.resolve(), /no answer within 100 ms/);
});
