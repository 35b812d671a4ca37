/** The judge of HTTP/2 bytes: finds nothing wrong with node:http2 on either side, and finds each thing that is planted. */
import assert from "node:assert/strict";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import {
  continuation,
  data,
  F,
  frame,
  goaway,
  headers,
  ping,
  PREFACE,
  priority,
  pushPromise,
  rst,
  S,
  settings,
  settingsAck,
  T,
  uint32,
  windowUpdate,
} from "../fakes/h2-frames.ts";
import { block, indexed, literal, sizeUpdate } from "../fakes/h2-hpack.ts";
import { huffmanDecode, huffmanEncode } from "../fakes/h2-huffman.ts";
import { Judge } from "../fakes/h2-judge.ts";
import { H2Listener, H2Peer } from "../fakes/h2-wire.ts";

const GET = block([":method", "GET"], [":scheme", "http"], [":path", "/"], [":authority", "a"]);
const POST = block([":method", "POST"], [":scheme", "http"], [":path", "/"], [":authority", "a"]);
const OK = block([":status", "200"]);
const open = headers(1, GET, { end: true });

/** What the judge says of a client that begins as it must, and then sends `frames`. */
function ofClient(...frames: readonly Buffer[]): string[] {
  const judge = new Judge("client");
  judge.receive(Buffer.concat([Buffer.from(PREFACE), settings(), ...frames]));
  return judge.violations;
}

/** The same of a server that was asked a GET on stream 1. */
function ofServer(method: string, ...frames: readonly Buffer[]): string[] {
  const judge = new Judge("server");
  for (const each of [settings(), headers(1, GET, { end: true })]) judge.sent(each);
  const stream = judge.streams.get(1);
  if (stream) stream.method = method;
  judge.receive(Buffer.concat([settings(), settingsAck(), ...frames]));
  return judge.violations;
}

describe("the Huffman code of tests", () => {
  it("is that of the examples in RFC 7541", () => {
    assert.equal(huffmanEncode("www.example.com").toString("hex"), "f1e3c2e5f23a6ba0ab90f4ff");
    assert.equal(
      huffmanEncode("Mon, 21 Oct 2013 20:13:21 GMT").toString("hex"),
      "d07abe941054d444a8200595040b8166e082a62d1bff",
    );
  });
  it("reads back every byte", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_unused, at) => at)).toString("latin1");
    assert.equal(huffmanDecode(huffmanEncode(all)), all);
  });
});

describe("the judge finds nothing wrong with node:http2", () => {
  it("as a client", async () => {
    await using listener = await H2Listener.start({
      says: [
        [S.HEADER_TABLE_SIZE, 100],
        [S.INITIAL_WINDOW_SIZE, 10],
      ],
    });
    const client = http2.connect(`http://127.0.0.1:${listener.port}`);
    const fields = {
      ":path": "/x",
      ":method": "POST",
      "x-all": Array.from({ length: 94 }, (_unused, at) => String.fromCharCode(33 + at)).join(""),
    };
    const request = client.request(fields);
    request.end("0123456789".repeat(5));
    const server = await listener.next();
    const stream = await server.nextRequest();
    await server.until("the body", () => stream.hasEnded);
    assert.equal(stream.body, "0123456789".repeat(5));
    server.respond(stream.id);
    let text = "";
    for await (const chunk of request) text += chunk;
    assert.equal(text, "ok");
    assert.equal(await server.barrier(), true);
    client.destroy();
    assert.deepEqual(server.judge.violations, []);
  });

  it("as a server", async () => {
    const server = http2.createServer((request, response) => {
      request.resume().on("end", () => {
        response.setHeader("trailer", "x-sum");
        response.addTrailers({ "x-sum": "1" });
        response.end("answer");
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    {
      using peer = await H2Peer.connect((server.address() as AddressInfo).port);
      const id = peer.request(
        [
          [":method", "POST"],
          [":scheme", "http"],
          [":path", "/"],
          [":authority", "a"],
        ],
        { body: "hi" },
      );
      await peer.until("an answer", () => peer.stream(id).hasEnded);
      assert.equal(peer.stream(id).body, "answer");
      assert.deepEqual(peer.stream(id).trailers, [["x-sum", "1"]]);
      assert.equal(await peer.barrier(), true);
      assert.deepEqual(peer.judge.violations, []);
    }
    await new Promise((resolve) => void server.close(resolve));
  });
});

describe("the judge finds what a client does wrong", () => {
  it("not when nothing is", () =>
    assert.deepEqual(ofClient(open, headers(3, POST), data(3, "x", { end: true }), windowUpdate(0, 9)), []));
  const cases: readonly (readonly [name: string, found: RegExp, ...frames: readonly Buffer[]])[] = [
    ["an even stream", /even stream/, headers(2, GET, { end: true })],
    ["a stream below the last", /stream below/, headers(3, GET, { end: true }), headers(1, GET, { end: true })],
    [
      "DATA over the window",
      /window of/,
      headers(1, POST),
      ...[1, 2, 3, 4, 5].map(() => data(1, Buffer.alloc(16_000))),
    ],
    ["a frame over the largest", /MAX_FRAME_SIZE/, headers(1, POST), data(1, Buffer.alloc(16_385))],
    ["DATA behind END_STREAM", /behind its END_STREAM/, open, data(1, "x")],
    ["frames behind RST_STREAM", /behind its RST_STREAM/, open, rst(1, "CANCEL"), windowUpdate(1, 1)],
    ["RST_STREAM of an idle stream", /idle/, rst(1, "CANCEL")],
    ["WINDOW_UPDATE of an idle stream", /idle/, windowUpdate(1, 1)],
    ["WINDOW_UPDATE by nothing", /increment of 0/, windowUpdate(0, 0)],
    ["a window over 2^31-1", /window of/, windowUpdate(0, 2 ** 31 - 1)],
    ["an ACK of nothing", /ACK of nothing/, settingsAck()],
    ["an answer to no PING", /ACK of another PING/, ping("12345678", true)],
    ["PING of 7 bytes", /not 8 bytes/, ping("1234567")],
    ["a bad setting", /MAX_FRAME_SIZE 5/, settings([S.MAX_FRAME_SIZE, 5])],
    ["PUSH_PROMISE", /PUSH_PROMISE/, open, pushPromise(1, 2, GET)],
    ["an unknown type", /unknown type/, frame(42, 0, 0)],
    ["an unknown flag", /flag/, frame(T.PING, 2, 0, Buffer.alloc(8))],
    ["the reserved bit", /reserved/, frame(T.PING, 0, 0, Buffer.alloc(8), { reserved: true })],
    ["PRIORITY of 4 bytes", /not 5/, frame(T.PRIORITY, 0, 1, Buffer.alloc(4))],
    ["a block that is interrupted", /interrupted/, headers(1, GET, { whole: false }), ping()],
    ["CONTINUATION of nothing", /interrupted/, continuation(1, GET)],
    ["padding over the payload", /padding/, headers(1, POST), frame(T.DATA, F.PADDED, 1, Buffer.of(2, 0))],
    ["padding that is not zeros", /not zeros/, headers(1, POST), frame(T.DATA, F.PADDED, 1, Buffer.of(1, 65, 7))],
    ["SETTINGS on a stream", /wrong stream/, frame(T.SETTINGS, 0, 1)],
    ["GOAWAY with a stream of a server", /server opened/, goaway(2)],
    ["frames behind an error", /behind GOAWAY/, goaway(0, "PROTOCOL_ERROR"), ping()],
    ["an index beyond the table", /HPACK: no field/, headers(1, indexed(62), { end: true })],
    [
      "a size update that is too large",
      /HPACK: a size update/,
      headers(1, Buffer.concat([sizeUpdate(4097), GET]), { end: true }),
    ],
    [
      "a size update behind a field",
      /HPACK: a size update behind/,
      headers(1, Buffer.concat([GET, sizeUpdate(1)]), { end: true }),
    ],
    ["a string without an end", /HPACK: a string/, headers(1, GET.subarray(0, GET.length - 1), { end: true })],
    ["no :path", /:path/, headers(1, block([":method", "GET"], [":scheme", "http"]), { end: true })],
    [
      "a space in :path",
      /:path/,
      headers(1, block([":method", "GET"], [":scheme", "http"], [":path", "/a b"]), { end: true }),
    ],
    [
      "connection",
      /belongs to a connection/,
      headers(1, Buffer.concat([GET, block(["connection", "close"])]), { end: true }),
    ],
    ["te", /te: gzip/, headers(1, Buffer.concat([GET, block(["te", "gzip"])]), { end: true })],
    ["upper case", /the name/, headers(1, Buffer.concat([GET, block(["X", "y"])]), { end: true })],
    ["CRLF in a value", /the value/, headers(1, Buffer.concat([GET, literal("x", "a\r\nb")]), { end: true })],
    ["another host", /against :authority/, headers(1, Buffer.concat([GET, block(["host", "b"])]), { end: true })],
    [
      "a body that is too short",
      /content-length 5/,
      headers(1, Buffer.concat([POST, block(["content-length", "5"])])),
      data(1, "x", { end: true }),
    ],
    ["trailers with a pseudo field", /:path/, headers(1, POST), headers(1, block([":path", "/"]), { end: true })],
    ["trailers without an end", /without END_STREAM/, headers(1, POST), headers(1, block(["a", "b"]))],
  ];
  for (const [name, found, ...frames] of cases) {
    it(name, () =>
      assert.ok(
        ofClient(...frames).some((each) => found.test(each)),
        ofClient(...frames).join(),
      ),
    );
  }

  it("a preface that is not one", () => {
    const judge = new Judge("client");
    judge.receive(Buffer.from(`GET / HTTP/1.1\r\n\r\nxxxxxx`));
    assert.match(judge.violations.join(), /preface/);
  });

  it("more streams than it was allowed, and only when it has acknowledged that", () => {
    const judge = new Judge("client");
    judge.sent(settings([S.MAX_CONCURRENT_STREAMS, 1]));
    judge.receive(Buffer.concat([Buffer.from(PREFACE), settings(), headers(1, POST), headers(3, POST)]));
    assert.deepEqual(judge.violations, []);
    judge.receive(Buffer.concat([settingsAck(), headers(5, POST)]));
    assert.match(judge.violations.join(), /more than 1 streams/);
  });

  it("DATA over a window that shrank, and only when it has acknowledged that", () => {
    const judge = new Judge("client");
    judge.receive(Buffer.concat([Buffer.from(PREFACE), settings(), headers(1, POST), data(1, "12345")]));
    judge.sent(settings([S.INITIAL_WINDOW_SIZE, 6]));
    judge.receive(data(1, "67890"));
    assert.deepEqual(judge.violations, []);
    judge.receive(Buffer.concat([settingsAck(), data(1, "1")]));
    assert.match(judge.violations.join(), /window of -4/);
  });

  it("a block without the size update that it owes", () => {
    const judge = new Judge("client");
    judge.sent(settings([S.HEADER_TABLE_SIZE, 0]));
    judge.receive(
      Buffer.concat([Buffer.from(PREFACE), settings(), open, settingsAck(), headers(3, GET, { end: true })]),
    );
    assert.match(judge.violations.join(), /HPACK: no size update/);
  });

  it("frames on a stream whose end it has read", () => {
    const judge = new Judge("client");
    judge.receive(Buffer.concat([Buffer.from(PREFACE), settings(), headers(1, POST)]));
    for (const each of [rst(1, "CANCEL"), ping("abcdefgh")]) judge.sent(each);
    judge.receive(data(1, "x"));
    assert.deepEqual(judge.violations, []);
    judge.receive(Buffer.concat([ping("abcdefgh", true), data(1, "x")]));
    assert.match(judge.violations.join(), /behind our RST_STREAM/);
  });
});

describe("the judge finds what a server does wrong", () => {
  it("not when nothing is", () => assert.deepEqual(ofServer("GET", headers(1, OK), data(1, "ok", { end: true })), []));
  const cases: readonly (readonly [name: string, found: RegExp, method: string, ...frames: readonly Buffer[]])[] = [
    ["an answer on an idle stream", /idle/, "GET", headers(3, OK, { end: true })],
    ["DATA before HEADERS", /DATA before HEADERS/, "GET", data(1, "x")],
    ["no :status", /:status/, "GET", headers(1, block(["a", "b"]), { end: true })],
    ["101", /101/, "GET", headers(1, block([":status", "101"]), { end: true })],
    ["1xx with an end", /1xx with END_STREAM/, "GET", headers(1, block([":status", "103"]), { end: true })],
    ["a body for HEAD", /where none may be/, "HEAD", headers(1, OK), data(1, "x", { end: true })],
    ["a body with 304", /where none may be/, "GET", headers(1, block([":status", "304"])), data(1, "x", { end: true })],
    [
      "content-length with 204",
      /with 204/,
      "GET",
      headers(1, block([":status", "204"], ["content-length", "0"]), { end: true }),
    ],
    ["ENABLE_PUSH", /ENABLE_PUSH 1/, "GET", settings([S.ENABLE_PUSH, 1])],
    ["a last stream that grows", /grew/, "GET", goaway(1), goaway(3)],
    ["an unknown code", /unknown code/, "GET", frame(T.RST_STREAM, 0, 1, uint32(99))],
    ["a stream that depends on itself", /depends on itself/, "GET", headers(1, OK, { dependsOn: 1, end: true })],
    ["PRIORITY on the connection", /wrong stream/, "GET", priority(0)],
  ];
  for (const [name, found, method, ...frames] of cases) {
    it(name, () =>
      assert.ok(
        ofServer(method, ...frames).some((each) => found.test(each)),
        ofServer(method, ...frames).join(),
      ),
    );
  }
});

describe("a peer of tests", () => {
  it("hears of the end of its stream", async () => {
    const wire = new PassThrough();
    using peer = new H2Peer(wire, "server");
    wire.end();
    await peer.closed();
    assert.notEqual(peer.state, "open");
  });
});
