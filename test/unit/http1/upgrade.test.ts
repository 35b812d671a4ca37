/** Tests of which switches of protocol are asked for and granted; test/conformance has those over real sockets. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { isWebSocketKey, webSocketAccept } from "../../../src/http/websocket.ts";
import {
  askedUpgrade,
  completeHandshake,
  grantsUpgrade,
  handshakeKey,
  prepareHandshake,
} from "../../../src/http1/upgrade.ts";
import { headBlock } from "../../fakes/parsed-head.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const key = `Sec-WebSocket-Key: ${KEY}`;
const accept = `Sec-WebSocket-Accept: ${webSocketAccept(KEY)}`;

describe("an upgrade is asked for", () => {
  it("in due form only", () => {
    const asks = [
      ["websocket", "GET", "Connection: upgrade", "Upgrade: websocket", key],
      ["websocket", "GET", "Connection: keep-alive, Upgrade", "Upgrade: WebSocket", key],
      ["", "POST", "Connection: upgrade", "Upgrade: websocket", key],
      ["", "GET", "Connection: upgrade", "Upgrade: websocket"],
      ["", "GET", "Upgrade: websocket", key],
      ["", "GET", "Connection: upgrade", "Upgrade: websocket", "Upgrade: websocket", key],
      ["", "GET", "Connection: upgrade", "Upgrade: websocket/13", key],
      ["h2c", "GET", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAM"],
      ["", "GET", "Connection: Upgrade", "Upgrade: h2c", "HTTP2-Settings: AAM"],
      ["", "GET", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: A", "HTTP2-Settings: B"],
      ["", "GET", "Connection: upgrade", "Upgrade: TLS/1.0"],
    ] as const;
    for (const [expected, method, ...fields] of asks)
      assert.equal(askedUpgrade(headBlock(...fields), method), expected, fields.join("; "));
  });

  it("with the caller's key, or one of our own where it came over HTTP/2", () => {
    const own = HeaderList.of([["Sec-WebSocket-Key", KEY]]);
    const request = { version: 11, method: "GET", target: "/", headers: own } as const;
    assert.equal(prepareHandshake(request), webSocketAccept(KEY));
    assert.equal(own.get("sec-websocket-key"), KEY);
    const none = new HeaderList();
    const expected = prepareHandshake({ ...request, version: 20, headers: none });
    const made = none.get("sec-websocket-key") ?? "";
    assert.ok(isWebSocketKey(made));
    assert.equal(webSocketAccept(made), expected);
    assert.equal(
      prepareHandshake({ ...request, version: 20, headers: none }),
      expected,
      "a second attempt asks the same",
    );
  });
});

describe("an upgrade is granted", () => {
  it("by the protocol that was asked for, with the Accept of its key", () => {
    const right = webSocketAccept(KEY);
    const answers = [
      [true, "Connection: Upgrade", "Upgrade: websocket", accept],
      [false, "Upgrade: websocket", accept],
      [false, "Connection: Upgrade", accept],
      [false, "Connection: Upgrade", "Upgrade: h2c", accept],
      [false, "Connection: Upgrade", "Upgrade: websocket"],
      [false, "Connection: Upgrade", "Upgrade: websocket", accept, accept],
      [false, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: x"],
    ] as const;
    for (const [expected, ...fields] of answers)
      assert.equal(grantsUpgrade(headBlock(...fields), "websocket", right), expected, fields.join("; "));
  });

  it("with an Accept of our own where the endpoint gave none", () => {
    const asked = headBlock(key);
    const bare = new HeaderList();
    completeHandshake(bare, handshakeKey(asked));
    assert.equal(bare.get("sec-websocket-accept"), webSocketAccept(KEY));
    const given = HeaderList.of([["Sec-WebSocket-Accept", "given"]]);
    completeHandshake(given, KEY);
    assert.equal(given.get("sec-websocket-accept"), "given");
  });
});
