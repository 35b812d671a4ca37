/** gRPC through a daemon with grpc-js on both sides: the four kinds of calls, what goes with them, and many at once. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { gathered, type Handlers, startGrpcBackend } from "../fakes/grpc-peers.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { echo, grpcSite, texts } from "./grpc-site.ts";

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
