/** Tests of the WebSocket handshake. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { isWebSocketKey, newWebSocketKey, webSocketAccept } from "../../../src/http/websocket.ts";

it("a key is answered as RFC 6455 §1.3 has it", () => {
  assert.equal(webSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

it("each key is new, and one", () => {
  const keys = new Set(Array.from({ length: 50 }, newWebSocketKey));
  assert.equal(keys.size, 50);
  for (const key of keys) assert.ok(isWebSocketKey(key), key);
});

it("what is not 16 bytes in base64 is no key", () => {
  for (const text of [
    "",
    "abc",
    "dGhlIHNhbXBsZSBub25jZQ",
    "dGhlIHNhbXBsZSBub25jZQ==x",
    "dGhlIHNhbXBsZSBub25jZ===",
    "!GhlIHNhbXBsZSBub25jZQ==",
  ])
    assert.equal(isWebSocketKey(text), false, text);
});
