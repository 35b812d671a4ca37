/** How gRPC calls through a daemon end that do not end well: failures of the router, cancels, deadlines, lost backends. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer as createH2Server,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { gathered, type Outcome, startGrpcBackend } from "../fakes/grpc-peers.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { echo, grpcSite, texts } from "./grpc-site.ts";

/** A call by Node's own HTTP/2 client, which knows of no deadlines: the head and the trailers of its answer. */
function rawCall(
  session: ClientHttp2Session,
  path: string,
  more: OutgoingHttpHeaders,
): Promise<IncomingHttpHeaders & IncomingHttpStatusHeader> {
  const request = session.request({
    ":method": "POST",
    ":path": path,
    ":authority": "echo",
    "content-type": "application/grpc",
    te: "trailers",
    ...more,
  });
  const told: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  request.on("response", (headers) => Object.assign(told, headers));
  request.on("trailers", (headers) => Object.assign(told, headers));
  request.resume();
  request.end(Buffer.from([0, 0, 0, 0, 1, 109]));
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("close", () => resolve(told));
  });
}

describe("a failure of the router's own", { timeout: 120_000 }, () => {
  const told = ({ code, trailing }: Outcome): unknown[] => [code, ...trailing.get("linkspan-code")];

  it("is UNAVAILABLE where there is no such service, or nobody listens", async () => {
    await using site = await grpcSite({ dead: [1] });
    const none = await site.caller("nowhere").unary(Buffer.from("m"));
    assert.deepEqual(told(none), [status.UNAVAILABLE, "name.negative"]);
    assert.match(none.details, /^No such service/);
    const dead = await site.caller("dead").unary(Buffer.from("m"));
    assert.deepEqual(told(dead), [status.UNAVAILABLE, "connect.failed"]);
  });

  it("is RESOURCE_EXHAUSTED where the waiting line is full", async () => {
    await using backend = await startGrpcBackend({ unary: () => undefined }, { "grpc.max_concurrent_streams": 1 });
    const client = "client: {hostConnectionPool: {maxSize: 1, maxWaiters: 1}}";
    await using site = await grpcSite({ echo: [backend.port] }, { router: [client] });
    const caller = site.caller("echo");
    const deadline = new Date(Date.now() + 1_500);
    const call = (): Promise<Outcome> => caller.unary(Buffer.from("m"), { deadline });
    const first = call();
    await letPass(300);
    const second = call();
    await letPass(100);
    assert.deepEqual(told(await call()), [status.RESOURCE_EXHAUSTED, "cluster.overloaded"]);
    assert.deepEqual([(await first).code, (await second).code], [status.DEADLINE_EXCEEDED, status.DEADLINE_EXCEEDED]);
  });

  it("is UNIMPLEMENTED where the endpoints speak HTTP/1", async () => {
    await using server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using site = await grpcSite({ echo: [port] }, { router: ["client: {protocol: http}"] });
    const outcome = await site.caller("echo").unary(Buffer.from("m"));
    assert.deepEqual(told(outcome), [status.UNIMPLEMENTED, "grpc.unsupported"]);
  });

  it("is DEADLINE_EXCEEDED where an attempt may take only so long", async () => {
    await using here = await echo({ unary: () => undefined }, { router: ["client: {requestAttemptTimeoutMs: 100}"] });
    const outcome = await here.site.caller("echo").unary(Buffer.from("m"));
    assert.deepEqual(told(outcome), [status.DEADLINE_EXCEEDED, "attempt.timeout"]);
  });
});

describe("the end of a call before its time", { timeout: 120_000 }, () => {
  it("by its caller reaches the backend", async () => {
    let cancelled = 0;
    let started = 0;
    await using here = await echo({
      chat: (call) => {
        started++;
        call.write(Buffer.from("begun"));
        call.on("cancelled", () => cancelled++);
      },
    });
    const call = here.site.caller("echo").startChat();
    const outcome = gathered(call);
    await waitUntil("the call is there", 5_000, () => started === 1);
    call.cancel();
    assert.equal((await outcome).code, status.CANCELLED);
    await waitUntil("the backend knows", 5_000, () => cancelled === 1);
  });

  it("by its deadline reaches the backend, which was told how much time was left", async () => {
    let cancelled = 0;
    let left = 0;
    await using here = await echo({
      unary: (call) => {
        left = Number(call.getDeadline()) - Date.now();
        call.on("cancelled", () => cancelled++);
      },
    });
    const outcome = await here.site.caller("echo").unary(Buffer.from("m"), { deadline: new Date(Date.now() + 400) });
    assert.equal(outcome.code, status.DEADLINE_EXCEEDED);
    assert.ok(left > 0 && left <= 400, `${left} ms were left`);
    await waitUntil("the backend knows", 5_000, () => cancelled === 1);
  });

  it("by its deadline is the router's to end, for a caller and a backend that do not", async () => {
    const codes: number[] = [];
    await using server = createH2Server().listen(0, "127.0.0.1");
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      stream.on("error", () => undefined);
      stream.on("close", () => codes.push(stream.rstCode));
      if (headers[":path"] !== "/test.Echo/Spread") return;
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(Buffer.from([0, 0, 0, 0, 1, 109]));
    });
    await once(server, "listening");
    await using site = await grpcSite({ echo: [(server.address() as AddressInfo).port] });
    const session = connect(`http://127.0.0.1:${site.port}`);
    for (const path of ["/test.Echo/Unary", "/test.Echo/Spread"]) {
      const answer = await rawCall(session, path, { "grpc-timeout": "150m" });
      assert.deepEqual(
        [answer[":status"], answer["grpc-status"], answer["linkspan-code"]],
        [200, "4", "total.timeout"],
      );
    }
    await waitUntil("the backend hears of both", 5_000, () => codes.length === 2);
    assert.deepEqual(codes, [constants.NGHTTP2_CANCEL, constants.NGHTTP2_CANCEL]);
    assert.equal((await rawCall(session, "/test.Echo/Unary", { "grpc-timeout": "0n" }))["grpc-status"], "4");
    const garbled = await rawCall(session, "/test.Echo/Unary", { "grpc-timeout": "1s" });
    assert.deepEqual([garbled["grpc-status"], garbled["linkspan-code"]], ["13", "request.malformed"]);
    session.close();
  });

  it("by the loss of its backend is UNAVAILABLE, before its first message and after it", async () => {
    await using here = await echo({
      spread: (call) => {
        call.write(call.request);
        setTimeout(() => here.backend.cut(), 50);
      },
    });
    const half = await here.site.caller("echo").spread(Buffer.from("m"));
    assert.deepEqual([half.code, ...half.trailing.get("linkspan-code")], [status.UNAVAILABLE, "upstream.reset"]);
    assert.deepEqual(texts(half), ["m"]);
    await using there = await echo({ unary: () => setTimeout(() => there.backend.cut(), 20) });
    const none = await there.site.caller("echo").unary(Buffer.from("m"));
    assert.deepEqual([none.code, ...none.trailing.get("linkspan-code")], [status.UNAVAILABLE, "upstream.reset"]);
  });
});
