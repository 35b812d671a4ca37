/** gRPC through a daemon with grpc-js on both sides: the four kinds of calls, how they end, and what is seen of it. */
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
import { Metadata, status } from "@grpc/grpc-js";
import { gathered, type GrpcBackend, type Handlers, type Outcome, startGrpcBackend } from "../fakes/grpc-peers.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type GrpcSite, grpcSite, type GrpcSiteOptions } from "./grpc-site.ts";

interface Echo extends AsyncDisposable {
  readonly site: GrpcSite;
  readonly backend: GrpcBackend;
}

/** A daemon before one backend, `echo`. */
async function echo(handlers: Partial<Handlers> = {}, options: GrpcSiteOptions = {}): Promise<Echo> {
  const backend = await startGrpcBackend(handlers);
  const site = await grpcSite({ echo: [backend.port] }, options);
  const dispose = async (): Promise<void> => {
    await site[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
  };
  return { site, backend, [Symbol.asyncDispose]: dispose };
}

const texts = ({ messages }: Outcome): string[] => messages.map((message) => message.toString("latin1"));

function numbered(count: number, size = 4): Buffer[] {
  return Array.from({ length: count }, (_, at) => {
    const message = Buffer.alloc(size, at & 0xff);
    if (size >= 4) message.writeUInt32BE(at);
    return message;
  });
}

/** Sends as many messages as a plan in its request says, the request itself ahead. */
const counting: Handlers["spread"] = (call) => {
  const count = call.request.readUInt32BE();
  let sent = 0;
  const more = (): void => {
    while (sent < count) {
      const message = Buffer.alloc(4);
      message.writeUInt32BE(sent++);
      if (!call.write(message)) return void call.once("drain", more);
    }
    call.end();
  };
  more();
};

function countOf(count: number): Buffer {
  const request = Buffer.alloc(4);
  request.writeUInt32BE(count);
  return request;
}

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

describe("calls", { timeout: 120_000 }, () => {
  it("pass, unary and streaming either way and both ways", async () => {
    await using here = await echo();
    const caller = here.site.caller("echo");
    const one = await caller.unary(Buffer.from("hello"));
    assert.deepEqual([one.code, texts(one)], [status.OK, ["hello"]]);
    const all = await caller.collect([Buffer.from("a"), Buffer.from("b"), Buffer.from("c")]);
    assert.deepEqual([all.code, texts(all)], [status.OK, ["abc"]]);
    const many = await caller.spread(Buffer.from("x"));
    assert.deepEqual([many.code, texts(many)], [status.OK, ["x"]]);
    const both = await caller.chat([Buffer.from("1"), Buffer.from("2"), Buffer.from("3")]);
    assert.deepEqual([both.code, texts(both)], [status.OK, ["1", "2", "3"]]);
  });

  it("may be a conversation: each side waits for the other's last message", async () => {
    await using here = await echo();
    const call = here.site.caller("echo").startChat();
    const outcome = gathered(call);
    for (let at = 0; at < 50; at++) {
      const answered = new Promise((resolve) => call.once("data", resolve));
      call.write(Buffer.from(`${at}`));
      assert.equal(String(await answered), `${at}`);
    }
    call.end();
    assert.equal((await outcome).code, status.OK);
  });

  it("carry messages from 0 bytes to 4 MB", async () => {
    await using here = await echo();
    const caller = here.site.caller("echo");
    for (const size of [0, 1, 5, 16_379, 16_384, 65_530, 65_536, 1_000_000, 4 * 1024 * 1024]) {
      const message = Buffer.alloc(size, "0123456789abcdef");
      for (const outcome of [await caller.unary(message), await caller.chat([message, message])]) {
        assert.equal(outcome.code, status.OK, `${size}`);
        for (const each of outcome.messages) assert.ok(each.equals(message), `${size} bytes came as ${each.length}`);
      }
    }
  });

  it("carry from 1 to 10,000 messages, in order, none lost", async () => {
    await using here = await echo({ spread: counting });
    const caller = here.site.caller("echo");
    for (const count of [1, 100, 10_000]) {
      const sent = numbered(count);
      const both = await caller.chat(sent);
      assert.equal(both.code, status.OK);
      assert.ok(Buffer.concat(both.messages).equals(Buffer.concat(sent)), `${count} both ways`);
      const down = await caller.spread(countOf(count));
      assert.ok(Buffer.concat(down.messages).equals(Buffer.concat(sent)), `${count} to the caller`);
      const up = await caller.collect(sent);
      assert.ok(up.messages[0]?.equals(Buffer.concat(sent)), `${count} to the backend`);
    }
  });

  it("pass through windows of one byte on both sides, the caller's too", async () => {
    await using here = await echo(
      {},
      { router: ["client: {initialStreamWindowBytes: 1}"], server: "initialStreamWindowBytes: 1" },
    );
    const sent = numbered(20, 50);
    for (const options of [{}, { "grpc-node.flow_control_window": 1 }]) {
      const outcome = await here.site.caller("echo", options).chat(sent);
      assert.deepEqual([outcome.code, outcome.details], [status.OK, "OK"]);
      assert.ok(Buffer.concat(outcome.messages).equals(Buffer.concat(sent)));
    }
  });
});

describe("what goes with a call", { timeout: 120_000 }, () => {
  it("is metadata both ways, at the start and at the end, text and binary", async () => {
    let got: Metadata | undefined;
    await using here = await echo({
      unary: (call, reply) => {
        got = call.metadata;
        const initial = new Metadata();
        initial.set("x-initial", "i");
        initial.set("x-initial-bin", Buffer.from([0, 255, 10, 13]));
        call.sendMetadata(initial);
        const trailing = new Metadata();
        trailing.set("x-trailing", "t");
        trailing.set("x-trailing-bin", Buffer.from([1, 0, 254]));
        reply(null, call.request, trailing);
      },
    });
    const metadata = new Metadata();
    metadata.add("x-many", "1");
    metadata.add("x-many", "2");
    metadata.set("x-bytes-bin", Buffer.from([0, 1, 2, 128, 255]));
    const { code, initial, trailing } = await here.site.caller("echo").unary(Buffer.from("m"), { metadata });
    assert.equal(code, status.OK);
    assert.deepEqual(got?.get("x-many").join(), "1, 2");
    assert.deepEqual(got?.get("x-bytes-bin"), [Buffer.from([0, 1, 2, 128, 255])]);
    assert.deepEqual(initial?.get("x-initial"), ["i"]);
    assert.deepEqual(initial?.get("x-initial-bin"), [Buffer.from([0, 255, 10, 13])]);
    assert.deepEqual(trailing.get("x-trailing"), ["t"]);
    assert.deepEqual(trailing.get("x-trailing-bin"), [Buffer.from([1, 0, 254])]);
    assert.deepEqual(got?.get("l5d-dst-service"), ["/svc/echo"]);
    assert.deepEqual(trailing.get("l5d-success-class"), ["1.0"]);
  });

  it("is a status from the trailers, and one that is the whole answer", async () => {
    await using here = await echo({
      unary: (_call, reply) => reply({ code: status.NOT_FOUND, details: "no such thing: 100% µ" }),
      spread: (call) => {
        call.write(call.request);
        call.emit("error", { code: status.DATA_LOSS, details: "half of it is gone" });
      },
    });
    const caller = here.site.caller("echo");
    const whole = await caller.unary(Buffer.from("m"));
    assert.deepEqual([whole.code, whole.details], [status.NOT_FOUND, "no such thing: 100% µ"]);
    const late = await caller.spread(Buffer.from("m"));
    assert.deepEqual([late.code, late.details, texts(late)], [status.DATA_LOSS, "half of it is gone", ["m"]]);
  });
});

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

describe("calls on one connection", { timeout: 120_000 }, () => {
  it("are balanced one by one over the endpoints", async () => {
    const seen = [0, 0, 0];
    const backends = await Promise.all(
      seen.map((_, at) =>
        startGrpcBackend({
          unary: (call, reply) => {
            seen[at] = (seen[at] ?? 0) + 1;
            setTimeout(() => reply(null, call.request), 2);
          },
        }),
      ),
    );
    await using site = await grpcSite({ echo: backends.map(({ port }) => port) });
    const caller = site.caller("echo");
    for (let round = 0; round < 10; round++) {
      const outcomes = await Promise.all(Array.from({ length: 30 }, () => caller.unary(Buffer.from("m"))));
      assert.ok(outcomes.every(({ code }) => code === status.OK));
    }
    assert.equal(
      seen.reduce((sum, each) => sum + each, 0),
      300,
    );
    for (const each of seen) assert.ok(each > 50, seen.join());
    for (const backend of backends) await backend[Symbol.asyncDispose]();
  });

  it("are kept alive by pings of either side", async () => {
    const keepalive = {
      "grpc.keepalive_time_ms": 200,
      "grpc.keepalive_timeout_ms": 1_000,
      "grpc.keepalive_permit_without_calls": 1,
    };
    let chats = 0;
    await using backend = await startGrpcBackend(
      {
        chat: (call) => {
          chats++;
          call.on("data", (message: Buffer) => call.write(message));
          call.on("end", () => call.end());
        },
      },
      keepalive,
    );
    await using site = await grpcSite({ echo: [backend.port] });
    const call = site.caller("echo", keepalive).startChat();
    const outcome = gathered(call);
    call.write(Buffer.from("first"));
    await waitUntil("the call is there", 5_000, () => chats === 1);
    await letPass(2_000);
    call.write(Buffer.from("last"));
    call.end();
    const { code, messages } = await outcome;
    assert.deepEqual([code, messages.map(String), chats], [status.OK, ["first", "last"], 1]);
  });
});

describe("a call that an instance did not serve", { timeout: 120_000 }, () => {
  /** Two instances, of which one serves, and how often each was asked. */
  async function two(refusing: Partial<Handlers>, router: readonly string[]) {
    const asked = { good: 0, bad: 0 };
    const backends = new AsyncDisposableStack();
    const good = backends.use(
      await startGrpcBackend({
        unary: (call, reply) => {
          asked.good++;
          reply(null, call.request);
        },
      }),
    );
    const bad = backends.use(
      await startGrpcBackend({
        unary: (...given) => {
          asked.bad++;
          refusing.unary?.(...given);
        },
      }),
    );
    const site = backends.use(await grpcSite({ echo: [good.port, bad.port] }, { router }));
    return { asked, caller: site.caller("echo"), [Symbol.asyncDispose]: () => backends.disposeAsync() };
  }

  it("is tried again elsewhere where its status says so, with its whole message", async () => {
    await using here = await two(
      { unary: (_call, reply) => reply({ code: status.UNAVAILABLE, details: "going down" }) },
      ["service: {responseClassifier: {kind: io.l5d.h2.grpc.default}}", "client: {failureAccrual: {kind: none}}"],
    );
    for (let at = 0; at < 30; at++) {
      const outcome = await here.caller.unary(Buffer.from(`${at}`));
      assert.deepEqual([outcome.code, texts(outcome)], [status.OK, [`${at}`]]);
    }
    assert.equal(here.asked.good, 30);
    assert.ok(here.asked.bad > 5, `${here.asked.bad}`);
  });

  it("takes the instance out when it goes on so, also where only the trailers tell", async () => {
    await using here = await two(
      {
        unary: (call, reply) => {
          call.sendMetadata(new Metadata());
          setTimeout(() => reply({ code: status.INTERNAL, details: "at its end" }), 5);
        },
      },
      [
        "service: {responseClassifier: {kind: io.l5d.h2.grpc.neverRetryable}}",
        "client: {loadBalancer: {kind: roundRobin}}",
      ],
    );
    for (let at = 0; at < 60; at++) await here.caller.unary(Buffer.from("m"));
    assert.equal(here.asked.good + here.asked.bad, 60);
    assert.ok(here.asked.bad >= 5 && here.asked.bad < 10, `${here.asked.bad}`);
  });

  it("is not where its message is longer than what is kept, nor where the classifier says no", async () => {
    const unavailable: Partial<Handlers> = { unary: (_call, reply) => reply({ code: status.UNAVAILABLE }) };
    const rules = [
      ["io.l5d.h2.grpc.default", 20_000],
      ["io.l5d.h2.grpc.neverRetryable", 1],
    ] as const;
    for (const [kind, size] of rules) {
      const service = `service: {responseClassifier: {kind: ${kind}}}`;
      await using here = await two(unavailable, [service, "client: {failureAccrual: {kind: none}}"]);
      const codes = new Set<status>();
      for (let at = 0; at < 30; at++) codes.add((await here.caller.unary(Buffer.alloc(size))).code);
      assert.deepEqual(
        [...codes].toSorted((a, b) => a - b),
        [status.OK, status.UNAVAILABLE],
        kind,
      );
    }
  });

  it("goes to another one when its stream was refused", async () => {
    let refused = 0;
    await using refusing = createH2Server().listen(0, "127.0.0.1");
    refusing.on("stream", (stream: ServerHttp2Stream) => {
      refused++;
      stream.on("error", () => undefined);
      // Not before the message is here: it was on its way already.
      stream.once("data", () => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    });
    await once(refusing, "listening");
    await using good = await startGrpcBackend();
    const ports = [good.port, (refusing.address() as AddressInfo).port];
    await using site = await grpcSite({ echo: ports }, { router: ["client: {failureAccrual: {kind: none}}"] });
    const caller = site.caller("echo");
    for (let at = 0; at < 30; at++) {
      const outcome = await caller.unary(Buffer.from(`${at}`));
      assert.deepEqual([outcome.code, texts(outcome)], [status.OK, [`${at}`]]);
    }
    assert.ok(refused > 3, `${refused}`);
  });
});
