/** Tests of the settings that HTTP/2 connections get from the configuration. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { defaultHttp2Settings } from "../../src/http2/settings.ts";
import { http2ClientSettings, http2ServerSettings } from "../../src/http2-linker.ts";
import type { RouterConfig } from "../../src/config/config.ts";
import { read } from "./config/read.ts";

async function routerOf(more: string): Promise<RouterConfig> {
  const { routers } = await read(`routers:\n- ${more}`);
  return routers[0] as RouterConfig;
}

it("what the file says holds, and the standard for the rest", async () => {
  const router = await routerOf(`protocol: h2
  client: {initialStreamWindowBytes: 8000000, maxHeaderListBytes: 2048}
  servers: [{port: 0, maxConcurrentStreamsPerConnection: 7, maxFrameBytes: 20000, headerTableBytes: 0}]`);
  const server = http2ServerSettings(router.servers[0] as RouterConfig["servers"][0]);
  assert.deepEqual(server, { ...defaultHttp2Settings, maxStreams: 7, maxFrameBytes: 20_000, headerTableBytes: 0 });
  const client = http2ClientSettings(router.client.base as never);
  assert.equal(client.streamWindow, 8_000_000);
  assert.equal(client.connectionWindow, 8_000_000, "one stream alone can use its window");
  assert.equal(client.maxHeaderListBytes, 2048);
});

it("servers of http routers speak HTTP/2 by the standard, and no window is let run dry", async () => {
  const plain = await routerOf("protocol: http\n  servers: [{port: 0}]");
  assert.deepEqual(http2ServerSettings(plain.servers[0] as RouterConfig["servers"][0]), defaultHttp2Settings);
  const h2 = await routerOf("protocol: h2\n  servers: [{port: 0, windowUpdateRatio: 0.99}]");
  assert.equal(http2ServerSettings(h2.servers[0] as RouterConfig["servers"][0]).windowUpdateRatio, 0.5);
});
