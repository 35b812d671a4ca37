/** Messages that cross from HTTP/2 to HTTP/1 and from HTTP/1 to HTTP/2 through a daemon, and what they keep of themselves. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { valueOf, valuesOf } from "../fakes/h2-fields.ts";
import { code, data, headers, rst } from "../fakes/h2-frames.ts";
import { block, type Field } from "../fakes/h2-hpack.ts";
import type { JudgedStream } from "../fakes/h2-ledger.ts";
import type { H2Peer } from "../fakes/h2-wire.ts";
import { type StrictMessage, valuesOf as linesOf } from "../fakes/strict-reader.ts";
import { waitUntil } from "../load/wait-until.ts";
import { answersOf, type DownSite, downSite, pseudo, streamEnds, type UpSite, upSite } from "./crossing-site.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const text = ({ body }: JudgedStream): string => body;

describe("a caller of HTTP/2 and a backend of HTTP/1", { concurrency: 1 }, () => {
  let site: DownSite;
  let caller: H2Peer;
  let answer: string | undefined = OK;
  let closesBehind = false;
  before(async () => {
    site = await downSite((_seen, socket) => {
      if (!closesBehind) return answer;
      socket.end(answer ?? "", "latin1");
      return undefined;
    });
    caller = await site.connect();
  });
  after(async () => {
    assert.deepEqual(caller.judge.violations, [], caller.log());
    caller[Symbol.dispose]();
    await site[Symbol.asyncDispose]();
    assert.deepEqual(site.daemon.logged("bug"), []);
  });

  /** One request and its answer; what the backend read, and what the caller got. */
  async function ask(
    fields: readonly Field[],
    { body, bytes = OK, closes = false }: { body?: string; bytes?: string; closes?: boolean } = {},
  ): Promise<{ request: StrictMessage; stream: JudgedStream }> {
    answer = bytes;
    closesBehind = closes;
    const stream = await streamEnds(caller, caller.request(fields, body === undefined ? {} : { body }));
    return { request: site.requests().at(-1) as StrictMessage, stream };
  }

  it("method, path and authority are the request line and Host", async () => {
    const { request } = await ask([...pseudo("REPORT", "/a/b?c=d&e=%20"), ["x-one", "1"], ["x-one", "2"]]);
    assert.equal(request.line, "REPORT /a/b?c=d&e=%20 HTTP/1.1");
    assert.deepEqual(linesOf(request.fields, "host"), ["web"]);
    assert.deepEqual(linesOf(request.fields, "x-one"), ["1", "2"]);
    assert.deepEqual(
      request.fields.filter(([name]) => name.startsWith(":")),
      [],
    );
  });

  it("Via names the version in which each message came", async () => {
    const { request, stream } = await ask([...pseudo(), ["via", "1.0 fred"]]);
    assert.equal(linesOf(request.fields, "via").join(", "), "1.0 fred, 2 linkspan");
    assert.equal(valueOf(stream.head ?? [], "via"), "1.1 linkspan");
  });

  it("the crumbs of a cookie are joined by a semicolon", async () => {
    const { request } = await ask([...pseudo(), ["cookie", "a=1"], ["x", "y"], ["cookie", "b=2; c=3"]]);
    assert.deepEqual(linesOf(request.fields, "cookie"), ["a=1; b=2; c=3"]);
  });

  it("a body without a length comes in chunks; no length is made up, and one that was said stays", async () => {
    const chunked = await ask(pseudo("POST"), { body: "hello" });
    assert.equal(chunked.request.body, "hello");
    assert.deepEqual(linesOf(chunked.request.fields, "content-length"), []);
    assert.deepEqual(linesOf(chunked.request.fields, "transfer-encoding"), ["chunked"]);
    const measured = await ask([...pseudo("POST"), ["content-length", "5"]], { body: "hello" });
    assert.equal(measured.request.body, "hello");
    assert.deepEqual(linesOf(measured.request.fields, "content-length"), ["5"]);
    assert.deepEqual(linesOf(measured.request.fields, "transfer-encoding"), []);
    const none = await ask(pseudo());
    assert.deepEqual(linesOf(none.request.fields, "transfer-encoding"), []);
  });

  it("chunks become DATA without a length", async () => {
    const { stream } = await ask(pseudo(), {
      bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
    });
    assert.equal(text(stream), "abcde");
    assert.equal(stream.hasEnded, true);
    assert.equal(valueOf(stream.head ?? [], "content-length"), undefined);
    assert.equal(valueOf(stream.head ?? [], "transfer-encoding"), undefined);
  });

  it("trailers go both ways", async () => {
    answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n";
    const id = caller.request(pseudo("POST"), { end: false });
    caller.send(data(id, "hello"), headers(id, block(["x-md5", "abc"]), { end: true }));
    const stream = await streamEnds(caller, id);
    assert.deepEqual(site.requests().at(-1)?.trailers, [["x-md5", "abc"]]);
    assert.deepEqual(
      stream.trailers?.filter(([name]) => !name.startsWith("l5d-")),
      [["x-sum", "7"]],
    );
  });

  it("100 and 103 come before the answer, without fields of the connection", async () => {
    const hints =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n";
    const { stream } = await ask([...pseudo("POST"), ["expect", "100-continue"]], { body: "x", bytes: hints + OK });
    const got = stream.interims.map((each) => [
      valueOf(each, ":status"),
      valueOf(each, "link"),
      valueOf(each, "x-hop"),
    ]);
    assert.deepEqual(got, [
      ["100", undefined, undefined],
      ["103", "</a>", undefined],
    ]);
    assert.equal(valueOf(stream.head ?? [], ":status"), "200");
    assert.deepEqual(linesOf(site.requests().at(-1)?.fields ?? [], "expect"), ["100-continue"]);
  });

  it("names come in lower case, and fields of the connection do not come", async () => {
    const hop =
      "Connection: X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nTE: trailers\r\n";
    const { stream } = await ask([...pseudo(), ["te", "trailers"]], {
      bytes: `HTTP/1.1 200 OK\r\n${hop}X-UPPER: Value\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\nok`,
      closes: true,
    });
    const head = stream.head ?? [];
    assert.equal(valueOf(head, "x-upper"), "Value");
    assert.deepEqual(valuesOf(head, "set-cookie"), ["a", "b"]);
    for (const name of ["connection", "x-hop", "keep-alive", "proxy-connection", "upgrade", "te"]) {
      assert.equal(valueOf(head, name), undefined, name);
    }
  });

  it("TE goes on as trailers, announced as a field of the connection", async () => {
    const { request } = await ask([...pseudo(), ["te", "trailers"]]);
    const te = linesOf(request.fields, "te");
    assert.ok(te.length === 0 || te.join() === "trailers", te.join());
    if (te.length > 0) assert.match(linesOf(request.fields, "connection").join(), /\bte\b/i);
  });

  it("HEAD, 204 and 304 have no DATA, and keep their length", async () => {
    const cases = [
      ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "200", "500"],
      ["GET", "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 500\r\n\r\n", "304", "500"],
      ["GET", "HTTP/1.1 204 No Content\r\n\r\n", "204", undefined],
      ["HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200", undefined],
    ] as const;
    for (const [method, bytes, status, length] of cases) {
      const { stream } = await ask(pseudo(method), { bytes });
      assert.equal(valueOf(stream.head ?? [], ":status"), status);
      assert.equal(valueOf(stream.head ?? [], "content-length"), length);
      assert.deepEqual([stream.length, stream.hasEnded], [0, true]);
    }
  });

  it("a body that ends with its connection is whole where it was closed, and broken where it was reset", async () => {
    const { stream } = await ask(pseudo(), { bytes: "HTTP/1.1 200 OK\r\n\r\nuntil the end", closes: true });
    assert.deepEqual([text(stream), stream.hasEnded], ["until the end", true]);
    answer = "HTTP/1.1 200 OK\r\n\r\nuntil the en";
    closesBehind = false;
    const id = caller.request(pseudo());
    await caller.until("half of the answer", () => caller.stream(id).length > 0);
    for (const socket of site.backend.connections) socket.resetAndDestroy();
    const broken = await streamEnds(caller, id);
    assert.deepEqual([broken.hasEnded, broken.reset], [false, code("INTERNAL_ERROR")]);
  });

  it("a body that was cut short is a reset", async () => {
    for (const head of ["Content-Length: 9", "Transfer-Encoding: chunked"]) {
      const { stream } = await ask(pseudo(), { bytes: `HTTP/1.1 200 OK\r\n${head}\r\n\r\n3\r\nab`, closes: true });
      assert.deepEqual([stream.hasEnded, stream.reset], [false, code("INTERNAL_ERROR")]);
    }
    closesBehind = false;
  });

  it("a request that its caller resets is never whole at the backend, whose connection breaks", async () => {
    for (const length of [[], [["content-length", "9"]]] as Field[][]) {
      const before = site.requests().length;
      const { gone } = site.backend;
      const id = caller.request([...pseudo("POST", "/reset"), ...length], { end: false });
      caller.send(data(id, "half"));
      await waitUntil("the backend has half", 5000, () =>
        site.backend.seen.some((seen) => seen.endsWith("half\r\n") || seen.endsWith("half")),
      );
      caller.send(rst(id, "CANCEL"));
      await waitUntil("its connection ends", 5000, () => site.backend.gone > gone);
      assert.equal(site.requests().length, before);
    }
  });

  it("gRPC is refused with status 12 and a sentence", async () => {
    const before = site.requests().length;
    answer = OK;
    const id = caller.request([...pseudo("POST", "/a.B/C"), ["content-type", "application/grpc"], ["te", "trailers"]], {
      body: "\0\0\0\0\0",
    });
    const stream = await streamEnds(caller, id);
    const all = [...(stream.head ?? []), ...(stream.trailers ?? [])];
    assert.equal(valueOf(all, ":status"), "200");
    assert.equal(valueOf(all, "grpc-status"), "12");
    assert.match(valueOf(all, "grpc-message") ?? "", /gRPC.*HTTP\/1/);
    assert.equal(site.requests().length, before);
  });

  it("a caller that expects 100 from a silent backend has it from the router after a second", async () => {
    answer = undefined;
    const id = caller.request([...pseudo("POST", "/late"), ["expect", "100-continue"], ["content-length", "4"]], {
      end: false,
    });
    const from = performance.now();
    await caller.until("100", () => caller.judge.streams.get(id)?.interims.length === 1, 5000);
    assert.ok(performance.now() - from > 700);
    assert.equal(valueOf(caller.stream(id).interims[0] ?? [], ":status"), "100");
    answer = OK;
    caller.send(data(id, "body", { end: true }));
    assert.equal(valueOf((await streamEnds(caller, id)).head ?? [], ":status"), "200");
  });
});

describe("a caller of HTTP/1 and a backend of HTTP/2", { concurrency: 1 }, () => {
  let site: UpSite;
  before(async () => {
    site = await upSite();
  });
  after(async () => {
    assert.deepEqual(
      site.listener.peers.flatMap(({ judge }) => judge.violations),
      [],
    );
    await site[Symbol.asyncDispose]();
    assert.deepEqual(site.daemon.logged("bug"), []);
  });

  const GET = "GET / HTTP/1.1\r\nHost: web\r\n\r\n";

  it("the request line and Host are method, path, scheme and authority, before all other fields", async () => {
    using caller = await site.connect();
    caller.send("REPORT /a/b?c=d HTTP/1.1\r\nX-One: 1\r\nHost: web\r\nX-ONE: 2\r\n\r\n");
    const { peer, stream } = await site.next();
    const head = stream.head ?? [];
    assert.deepEqual(
      head.slice(0, 4).toSorted(([a], [b]) => a.localeCompare(b)),
      [
        [":authority", "web"],
        [":method", "REPORT"],
        [":path", "/a/b?c=d"],
        [":scheme", "http"],
      ],
    );
    assert.deepEqual(valuesOf(head, "x-one"), ["1", "2"]);
    assert.equal(valueOf(head, "host"), undefined);
    assert.equal(valueOf(head, "via"), "1.1 linkspan");
    assert.equal(stream.hasEnded, true);
    peer.respond(stream.id);
    const [got] = await answersOf(caller);
    assert.equal(got?.line, "HTTP/1.1 200 OK");
    assert.equal(got?.body, "ok");
    assert.deepEqual(linesOf(got?.fields ?? [], "via"), ["2 linkspan"]);
  });

  it("fields of the connection are dropped, and TE goes on only as trailers", async () => {
    using caller = await site.connect();
    const hop = "Connection: x-hop, TE\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Connection: close\r\n";
    caller.send(`GET / HTTP/1.1\r\nHost: web\r\n${hop}TE: trailers, deflate;q=0.5\r\nCookie: a=1; b=2\r\n\r\n`);
    const { peer, stream } = await site.next();
    const head = stream.head ?? [];
    for (const name of ["connection", "x-hop", "keep-alive", "proxy-connection"]) {
      assert.equal(valueOf(head, name), undefined, name);
    }
    assert.ok([undefined, "trailers"].includes(valueOf(head, "te")));
    assert.equal(valuesOf(head, "cookie").join("; "), "a=1; b=2");
    peer.respond(stream.id);
    await answersOf(caller);
  });

  it("chunks and trailers become DATA and trailers, and back", async () => {
    using caller = await site.connect();
    const body = "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Md5: abc\r\n\r\n";
    caller.send(
      `POST / HTTP/1.1\r\nHost: web\r\nTE: trailers\r\nConnection: TE\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    );
    const { peer, stream } = await site.next();
    await peer.until("the end of the request", () => stream.hasEnded);
    assert.equal(stream.body, "abcde");
    assert.deepEqual(stream.trailers, [["x-md5", "abc"]]);
    assert.equal(valueOf(stream.head ?? [], "content-length"), undefined);
    assert.equal(valueOf(stream.head ?? [], "te"), "trailers");
    peer.send(
      headers(stream.id, block([":status", "200"])),
      data(stream.id, "one"),
      data(stream.id, "two"),
      headers(stream.id, block(["x-sum", "7"]), { end: true }),
    );
    const [got] = await answersOf(caller);
    assert.equal(got?.body, "onetwo");
    assert.deepEqual(linesOf(got?.fields ?? [], "transfer-encoding"), ["chunked"]);
    assert.deepEqual(linesOf(got?.fields ?? [], "content-length"), []);
    assert.deepEqual(linesOf(got?.trailers ?? [], "x-sum"), ["7"]);
  });

  it("100 and 103 come before the answer", async () => {
    using caller = await site.connect();
    caller.send("POST / HTTP/1.1\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    const { peer, stream } = await site.next();
    assert.equal(valueOf(stream.head ?? [], "expect"), "100-continue");
    peer.send(
      headers(stream.id, block([":status", "100"])),
      headers(stream.id, block([":status", "103"], ["link", "</a>"])),
    );
    await caller.until(({ got }) => got.includes("103"));
    caller.send("hi");
    await peer.until("the body", () => stream.hasEnded);
    peer.respond(stream.id);
    const got = await answersOf(caller, "POST");
    assert.deepEqual(
      got.map(({ line }) => line.slice(0, 12)),
      ["HTTP/1.1 100", "HTTP/1.1 103", "HTTP/1.1 200"],
    );
    assert.deepEqual(linesOf(got[1]?.fields ?? [], "link"), ["</a>"]);
  });

  it("a caller that expects 100 from a silent backend has it from the router after a second, and no other", async () => {
    using caller = await site.connect();
    caller.send("POST / HTTP/1.1\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    const { peer, stream } = await site.next();
    await caller.until(({ got }) => got.includes("HTTP/1.1 100"));
    peer.send(headers(stream.id, block([":status", "100"])));
    caller.send("hi");
    await peer.until("the body", () => stream.hasEnded);
    peer.respond(stream.id);
    const got = await answersOf(caller, "POST");
    assert.deepEqual(
      got.map(({ line }) => line.slice(0, 12)),
      ["HTTP/1.1 100", "HTTP/1.1 200"],
    );
  });

  it("HEAD, 204 and 304 have no body, and keep their length", async () => {
    const cases = [
      ["HEAD", "200", "500"],
      ["GET", "304", "500"],
      ["GET", "204", undefined],
      ["HEAD", "200", undefined],
    ] as const;
    using caller = await site.connect();
    for (const [method, status, length] of cases) {
      caller.got = "";
      caller.send(`${method} / HTTP/1.1\r\nHost: web\r\n\r\n`);
      const { peer, stream } = await site.next();
      const fields: Field[] = length === undefined ? [] : [["content-length", length]];
      peer.send(headers(stream.id, block([":status", status], ...fields), { end: true }));
      const [got] = await answersOf(caller, method);
      assert.equal(got?.line.split(" ")[1], status);
      assert.deepEqual(linesOf(got?.fields ?? [], "content-length"), length === undefined ? [] : [length]);
      assert.equal(got?.body, "");
    }
    assert.equal(caller.state, "open");
  });

  it("an answer of HTTP/2 without a length reaches a caller of HTTP/1.0 until the close", async () => {
    using caller = await site.connect();
    caller.send("GET / HTTP/1.0\r\nHost: web\r\n\r\n");
    const { peer, stream } = await site.next();
    peer.send(headers(stream.id, block([":status", "200"])), data(stream.id, "body", { end: true }));
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nbody$/);
    assert.doesNotMatch(caller.got, /transfer-encoding/i);
  });

  it("a reset within the body, be it for no error, is a broken answer, chunked, measured or until the close", async () => {
    const cases = [
      ["HTTP/1.1", []],
      ["HTTP/1.1", [["content-length", "9"]]],
      ["HTTP/1.0", []],
    ] as const;
    for (const [version, fields] of cases) {
      const why = fields.length > 0 ? "INTERNAL_ERROR" : "NO_ERROR";
      using caller = await site.connect();
      caller.send(`GET / ${version}\r\nHost: web\r\n\r\n`);
      const { peer, stream } = await site.next();
      peer.send(headers(stream.id, block([":status", "200"], ...fields)), data(stream.id, "half"));
      await caller.until(({ got }) => got.includes("half"));
      peer.send(rst(stream.id, why));
      await caller.until(({ state }) => state !== "open");
      assert.doesNotMatch(caller.got, /\r\n0\r\n/);
      if (version === "HTTP/1.0") assert.equal(caller.state, "reset");
    }
  });

  it("a reset before the answer is 502 with a code, and the connection stays", async () => {
    using caller = await site.connect();
    caller.send("POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi");
    const { peer, stream } = await site.next();
    peer.send(rst(stream.id, "INTERNAL_ERROR"));
    const [got] = await answersOf(caller, "POST");
    assert.equal(got?.line.slice(0, 12), "HTTP/1.1 502");
    assert.match(linesOf(got?.fields ?? [], "linkspan-code").join(), /^upstream\./);
    caller.got = "";
    caller.send(GET);
    const next = await site.next();
    next.peer.respond(next.stream.id);
    assert.equal((await answersOf(caller))[0]?.body, "ok");
  });

  it("a caller that leaves, within its body or waiting, resets its stream and ends nothing", async () => {
    for (const bytes of [
      "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 9\r\n\r\nhalf",
      "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ]) {
      using caller = await site.connect();
      caller.send(bytes);
      const { peer, stream } = await site.next();
      await peer.until("half of the body", () => stream.length === 4);
      caller.socket.resetAndDestroy();
      await peer.until("a reset", () => stream.reset !== undefined);
      assert.equal(stream.hasEnded, false);
    }
  });

  it("gRPC crosses, for callers that speak it over HTTP/1: its status is a trailer", async () => {
    using caller = await site.connect();
    caller.send(
      "POST /a.B/C HTTP/1.1\r\nHost: web\r\nTE: trailers\r\nConnection: te\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0",
    );
    const { peer, stream } = await site.next();
    peer.send(
      headers(stream.id, block([":status", "200"], ["content-type", "application/grpc"])),
      data(stream.id, "\0\0\0\0\0"),
      headers(stream.id, block(["grpc-status", "0"]), { end: true }),
    );
    const [got] = await answersOf(caller, "POST");
    assert.deepEqual(linesOf(got?.trailers ?? [], "grpc-status"), ["0"]);
  });
});
