import assert from "node:assert/strict";
import { test } from "node:test";
import { http2Settings } from "../../src/h2-settings.ts";
import { defaultHttp2Settings } from "../../src/http2/settings.ts";

test("what no file says are the codec's own defaults", () => {
  assert.deepEqual(http2Settings({}), defaultHttp2Settings);
});

test("each key has its place, and a stream may use its whole window alone", () => {
  const settings = http2Settings({
    initialStreamWindowBytes: 64 * 1024 * 1024,
    maxFrameBytes: 65_536,
    maxHeaderListBytes: 10_000,
    headerTableBytes: 0,
    windowUpdateRatio: 0.9,
    maxConcurrentStreamsPerConnection: 7,
  });
  assert.equal(settings.streamWindow, 64 * 1024 * 1024);
  assert.ok(settings.connectionWindow >= settings.streamWindow);
  assert.deepEqual(
    [settings.maxFrameBytes, settings.maxHeaderListBytes, settings.headerTableBytes],
    [65_536, 10_000, 0],
  );
  assert.deepEqual([settings.windowUpdateRatio, settings.maxStreams], [0.9, 7]);
});
