/** SETTINGS and windows of a server: their bounds, their changes under way, and bodies through the smallest of them (RFC 9113 §5.2, §6.5, §6.9). */
import assert from "node:assert/strict";
import { type Case, MALFORMED, play, RESET } from "../../fakes/h2-client-cases.ts";
import { data, F, frame, headers, S, type Setting, settings, T, windowUpdate } from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";
import type { H2Peer } from "../../fakes/h2-wire.ts";

const OK = block([":status", "200"]);
const LOST = [MALFORMED, RESET];
const PROTOCOL = "goaway PROTOCOL_ERROR";
const FLOW = "goaway FLOW_CONTROL_ERROR";
const WHOLE = '200 "ok"';
const BODY = "0123456789".repeat(20);

const wrong = (name: string, pairs: readonly Setting[], sees = PROTOCOL): Case => ({
  name,
  play: (server) => server.send(settings(...pairs)),
  caller: LOST,
  sees,
});

const right = (name: string, ...says: readonly Setting[]): Case => ({
  name,
  says,
  play: async (server) => {
    await server.until("an acknowledgement", () => server.judge.told.unacknowledged === 0);
    server.respond(1);
  },
  caller: WHOLE,
  sees: "goes on",
});

play("says settings that may not be", [
  wrong("ENABLE_PUSH 1", [[S.ENABLE_PUSH, 1]]),
  wrong("ENABLE_PUSH 2", [[S.ENABLE_PUSH, 2]]),
  wrong("INITIAL_WINDOW_SIZE 2^31", [[S.INITIAL_WINDOW_SIZE, 2 ** 31]], FLOW),
  wrong("INITIAL_WINDOW_SIZE 2^32-1", [[S.INITIAL_WINDOW_SIZE, 2 ** 32 - 1]], FLOW),
  wrong("MAX_FRAME_SIZE 16383", [[S.MAX_FRAME_SIZE, 16_383]]),
  wrong("MAX_FRAME_SIZE 0", [[S.MAX_FRAME_SIZE, 0]]),
  wrong("MAX_FRAME_SIZE 2^24", [[S.MAX_FRAME_SIZE, 2 ** 24]]),
  wrong("ENABLE_CONNECT_PROTOCOL 2", [[S.ENABLE_CONNECT_PROTOCOL, 2]]),
  wrong("ENABLE_CONNECT_PROTOCOL 0 behind 1", [
    [S.ENABLE_CONNECT_PROTOCOL, 1],
    [S.ENABLE_CONNECT_PROTOCOL, 0],
  ]),
  wrong("a bad one behind good ones", [
    [S.HEADER_TABLE_SIZE, 1],
    [S.MAX_FRAME_SIZE, 20_000],
    [S.MAX_FRAME_SIZE, 1],
  ]),
]);

play("says settings that may be", [
  right("none"),
  right("ENABLE_PUSH 0", [S.ENABLE_PUSH, 0]),
  right("MAX_FRAME_SIZE 2^24-1", [S.MAX_FRAME_SIZE, 2 ** 24 - 1]),
  right("INITIAL_WINDOW_SIZE 2^31-1", [S.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
  right("HEADER_TABLE_SIZE 2^32-1", [S.HEADER_TABLE_SIZE, 2 ** 32 - 1]),
  right("MAX_CONCURRENT_STREAMS 2^32-1", [S.MAX_CONCURRENT_STREAMS, 2 ** 32 - 1]),
  right("MAX_HEADER_LIST_SIZE 0", [S.MAX_HEADER_LIST_SIZE, 2 ** 32 - 1]),
  right("ENABLE_CONNECT_PROTOCOL 1", [S.ENABLE_CONNECT_PROTOCOL, 1]),
  {
    name: "many, each of which is acknowledged",
    play: async (server) => {
      for (let at = 0; at < 20; at++) server.send(settings([S.MAX_CONCURRENT_STREAMS, 100 + at]));
      await server.until("20 acknowledgements", () => server.judge.told.unacknowledged === 0);
      server.respond(1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);

const update = (name: string, bytes: Buffer, caller: string | readonly string[], sees: string): Case => ({
  name,
  play: (server) => server.send(bytes),
  caller,
  sees,
});

play("widens windows in a wrong way", [
  update("by nothing, on the connection", windowUpdate(0, 0), LOST, PROTOCOL),
  update("by nothing, on a stream", windowUpdate(1, 0), MALFORMED, "rst PROTOCOL_ERROR"),
  update("by nothing but the reserved bit", windowUpdate(0, 2 ** 31), LOST, PROTOCOL),
  update("over 2^31-1, on the connection", windowUpdate(0, 2 ** 31 - 1), LOST, FLOW),
  update("over 2^31-1, on a stream", windowUpdate(1, 2 ** 31 - 1), MALFORMED, "rst FLOW_CONTROL_ERROR"),
  update("over 2^31-1, in two steps", Buffer.concat([windowUpdate(0, 2 ** 30), windowUpdate(0, 2 ** 30)]), LOST, FLOW),
  {
    name: "to 2^31-1, and then by SETTINGS over it",
    play: (server) => server.send(windowUpdate(1, 2 ** 31 - 1 - 65_535), settings([S.INITIAL_WINDOW_SIZE, 65_536])),
    caller: LOST,
    sees: FLOW,
  },
  {
    name: "to 2^31-1 exactly, which is right",
    play: (server) => {
      server.send(windowUpdate(0, 2 ** 31 - 1 - 65_535), windowUpdate(1, 2 ** 31 - 1 - 65_535));
      server.respond(1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);

/** A request with a body of 200 bytes, sent when the server's settings were read; the server opens windows by hand. */
const sending = (name: string, says: readonly Setting[], go: (server: H2Peer) => Promise<void>): Case => ({
  name,
  says,
  windows: false,
  ask: undefined,
  play: async (server, lab) => {
    await server.barrier();
    const asked = lab.ask({ method: "POST", body: BODY });
    await server.nextRequest();
    await go(server);
    await server.until("the whole body", () => server.stream(1).hasEnded);
    assert.equal(server.stream(1).body, BODY);
    server.respond(1);
    await lab.over(asked);
    assert.equal(asked.outcome, WHOLE);
    server.send(settings([S.INITIAL_WINDOW_SIZE, 1000]));
  },
  sees: "goes on",
});

/** Resolves when as much of the body has come as windows let through. */
async function came(server: H2Peer, length: number): Promise<void> {
  await server.until(`${length} bytes`, () => server.stream(1).length >= length);
  await server.barrier();
  assert.equal(server.stream(1).length, length);
}

play("takes a body through narrow windows", [
  sending("of 0, opened at once", [[S.INITIAL_WINDOW_SIZE, 0]], async (server) => {
    await server.barrier();
    server.send(windowUpdate(1, 65_535));
  }),
  sending("of 1 byte, opened byte by byte", [[S.INITIAL_WINDOW_SIZE, 1]], async (server) => {
    for (let at = 1; at < BODY.length; at++) {
      await server.until(`${at} bytes`, () => server.stream(1).length >= at);
      server.send(windowUpdate(1, 1));
    }
  }),
  sending("of 7 bytes, opened by SETTINGS alone", [[S.INITIAL_WINDOW_SIZE, 7]], async (server) => {
    for (let size = 7; size < 240; size += 20) {
      await came(server, Math.min(size, BODY.length));
      server.send(settings([S.INITIAL_WINDOW_SIZE, size + 20]));
      await server.until("an acknowledgement", () => server.judge.told.unacknowledged === 0);
    }
  }),
  sending("that shrink below what is under way", [[S.INITIAL_WINDOW_SIZE, 100]], async (server) => {
    await came(server, 100);
    server.send(settings([S.INITIAL_WINDOW_SIZE, 10]));
    await server.barrier();
    // The window is -90 now: so much has to come back before one byte may be sent.
    server.send(windowUpdate(1, 90));
    await came(server, 100);
    server.send(windowUpdate(1, 1));
    await came(server, 101);
    server.send(windowUpdate(1, 500));
  }),
  sending("that shrink to 0 and grow again", [[S.INITIAL_WINDOW_SIZE, 50]], async (server) => {
    await came(server, 50);
    server.send(settings([S.INITIAL_WINDOW_SIZE, 0]));
    await came(server, 50);
    server.send(settings([S.INITIAL_WINDOW_SIZE, 60]));
    await came(server, 60);
    server.send(settings([S.INITIAL_WINDOW_SIZE, 1]), settings([S.INITIAL_WINDOW_SIZE, 1000]));
  }),
  {
    name: "of the connection, which two bodies share",
    says: [[S.INITIAL_WINDOW_SIZE, 100_000]],
    windows: false,
    ask: { method: "POST", body: "a".repeat(60_000) },
    play: async (server, lab) => {
      const second = lab.ask({ method: "POST", body: "b".repeat(60_000) });
      await server.nextRequest();
      const sent = (): number => server.stream(1).length + server.stream(3).length;
      await server.until("all that the connection takes", () => sent() >= 65_535);
      await server.barrier();
      assert.equal(sent(), 65_535);
      server.send(windowUpdate(0, 120_000));
      await server.until("both bodies", () => server.stream(1).hasEnded && server.stream(3).hasEnded);
      server.respond(3);
      server.respond(1);
      await lab.over(second);
      assert.equal(second.outcome, WHOLE);
    },
    caller: WHOLE,
    sees: "goes on",
  },
  {
    name: "of 0 for good: an answer comes nonetheless, and another request passes",
    says: [[S.INITIAL_WINDOW_SIZE, 0]],
    windows: false,
    ask: { method: "POST", body: BODY },
    play: async (server) => {
      await server.barrier();
      server.respond(1, 413, "no");
      await server.until("RST_STREAM", () => server.stream(1).reset !== undefined || server.stream(1).hasEnded);
    },
    caller: '413 "no"',
    sees: ["goes on", "rst NO_ERROR"],
  },
  {
    name: "that stall one stream and not another",
    windows: false,
    ask: { method: "POST", body: "a".repeat(70_000) },
    play: async (server, lab) => {
      server.send(windowUpdate(0, 1_000_000));
      await server.until("the stream's window", () => server.stream(1).length >= 65_535);
      const second = lab.ask({ method: "POST", body: "quick" });
      const stream = await server.nextRequest();
      await server.until("its body", () => stream.hasEnded);
      server.respond(stream.id);
      await lab.over(second);
      assert.equal(second.outcome, WHOLE);
      assert.equal(server.stream(1).length, 65_535);
      server.send(windowUpdate(1, 10_000));
      await server.until("the rest", () => server.stream(1).hasEnded);
      server.respond(1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
  {
    name: "and large frames",
    says: [
      [S.MAX_FRAME_SIZE, 1_000_000],
      [S.INITIAL_WINDOW_SIZE, 10_000_000],
    ],
    windows: false,
    ask: { method: "POST", body: "z".repeat(300_000) },
    play: async (server) => {
      server.send(windowUpdate(0, 10_000_000));
      await server.until("the body", () => server.stream(1).hasEnded);
      assert.equal(server.stream(1).length, 300_000);
      server.respond(1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);

play("sends more than linkspan's windows", [
  {
    name: "on the stream",
    own: { streamWindow: 1000 },
    ask: { stops: true },
    play: async (server) => {
      await server.barrier();
      server.send(headers(1, OK), data(1, Buffer.alloc(1001)));
    },
    caller: [`200 broken ${MALFORMED}`],
    sees: ["rst FLOW_CONTROL_ERROR", FLOW],
  },
  {
    name: "on the stream, with padding alone",
    own: { streamWindow: 1000 },
    ask: { stops: true },
    play: async (server) => {
      await server.barrier();
      server.send(headers(1, OK), data(1, Buffer.alloc(800)), data(1, Buffer.alloc(1), { pad: 255 }));
    },
    caller: [`200 broken ${MALFORMED}`],
    sees: ["rst FLOW_CONTROL_ERROR", FLOW],
  },
  {
    name: "on the connection, over many streams",
    own: { streamWindow: 65_535, connectionWindow: 65_535 },
    ask: { stops: true },
    play: async (server, lab) => {
      await server.barrier();
      const second = lab.ask({ stops: true });
      await server.nextRequest();
      for (const id of [1, 3]) server.send(headers(id, OK));
      for (const id of [1, 3, 1]) server.send(data(id, Buffer.alloc(16_384)));
      server.send(data(3, Buffer.alloc(16_383)), data(3, "x"));
      await lab.over(second);
    },
    caller: [`200 broken ${MALFORMED}`, `200 broken ${RESET}`],
    sees: FLOW,
  },
  {
    name: "no: all of them, to a caller that does not read, and not a byte comes back until it does",
    own: { streamWindow: 65_535, connectionWindow: 1_000_000 },
    ask: { stops: true },
    play: async (server, lab, asked) => {
      await server.barrier();
      server.send(headers(1, OK), ...[1, 2, 3].map(() => data(1, Buffer.alloc(16_384))), data(1, Buffer.alloc(16_383)));
      await server.barrier();
      assert.equal(server.stream(1).ourWindow, 0, "no window was opened for what nobody took");
      const next = lab.ask();
      const stream = await server.nextRequest();
      server.respond(stream.id);
      await lab.over(next);
      assert.ok(asked);
      asked.sink.stops = false;
      asked.x.responseBody.drained();
      await server.until("WINDOW_UPDATE", () => server.stream(1).ourWindow > 0);
      server.send(data(1, "", { end: true }));
    },
    caller: `200 "${"\\u0000".repeat(65_535)}"`,
    sees: "goes on",
  },
  {
    name: "no: empty DATA through a window of 0",
    own: { streamWindow: 10 },
    ask: { stops: true },
    play: async (server, _lab, asked) => {
      await server.barrier();
      server.send(headers(1, OK), data(1, Buffer.alloc(10)), frame(T.DATA, F.END_STREAM, 1));
      await server.barrier();
      assert.ok(asked);
      asked.sink.stops = false;
      asked.x.responseBody.drained();
    },
    caller: `200 "${"\\u0000".repeat(10)}"`,
    sees: "goes on",
  },
]);
