/** Tests of taking a connection over from HTTP/1. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { stripHopByHop } from "../../../src/http/hygiene.ts";
import { takeOver } from "../../../src/http2/h2c.ts";
import { PREFACE, settings, show, Splitter } from "../../fakes/h2-frames.ts";
import { answer, Http2ServerFixture, nextTurn } from "../../fakes/http2-server-fixture.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

const head = (payload: string, connection = "upgrade, http2-settings") => ({
  method: "GET",
  target: "/old",
  headers: HeaderList.of([
    ["Host", "web"],
    ["Connection", connection],
    ["Upgrade", "h2c"],
    ["HTTP2-Settings", payload],
    ["X-One", "1"],
  ]),
});

it("the request is that of stream 1, and what comes behind it is HTTP/2", async () => {
  const { site, exchanges } = new Http2ServerFixture();
  const socket = new LinkedSocket();
  const payload = settings([4, 3]).subarray(9).toString("base64url");
  const connection = takeOver(socket, head(payload), Buffer.from(PREFACE), site, () => undefined);
  assert.ok(connection);
  const x = exchanges[0];
  assert.ok(x);
  assert.deepEqual([x.request.version, x.request.method, x.request.target], [20, "GET", "/old"]);
  assert.deepEqual([x.request.headers.get("host"), x.request.headers.get("x-one")], ["web", "1"]);
  assert.equal(x.request.headers.find("http2-settings"), -1);
  answer(x, "abcde");
  connection.received(settings());
  await nextTurn();
  const bytes = socket.takeBytes(1e9).toString("latin1");
  const end = bytes.indexOf("\r\n\r\n") + 4;
  assert.equal(bytes.slice(0, end), "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
  const frames = new Splitter().add(Buffer.from(bytes.slice(end), "latin1"));
  assert.deepEqual(
    frames.filter(({ id }) => id === 1).map((frame) => show(frame).replace(/(HEADERS.*) \(.*/, "$1")),
    ["HEADERS 1 flags 4", "DATA 1 flags 0 (3)"],
    "the caller's window holds already",
  );
});

it("what the request said of its connection alone goes no further than that of any other", () => {
  const { site, exchanges } = new Http2ServerFixture();
  const asked = head("", "upgrade, http2-settings, x-one");
  assert.ok(takeOver(new LinkedSocket(), asked, Buffer.alloc(0), site, () => undefined));
  const { headers } = exchanges[0]?.request ?? asked;
  stripHopByHop(headers);
  assert.deepEqual(
    ["host", "connection", "upgrade", "http2-settings", "x-one"].map((name) => headers.get(name)),
    ["web", undefined, undefined, undefined, undefined],
  );
});

it("settings that are not in order leave the connection to HTTP/1", () => {
  const { site } = new Http2ServerFixture();
  for (const payload of [
    "AAA",
    "not base64!",
    settings([4, 2 ** 31])
      .subarray(9)
      .toString("base64url"),
  ]) {
    const socket = new LinkedSocket();
    assert.equal(
      takeOver(socket, head(payload), Buffer.alloc(0), site, () => undefined),
      undefined,
    );
    assert.equal(socket.writes, 0);
  }
});
