/** Frames on streams that are half-closed, closed or reset, and what resets mean (RFC 9113 §5.1, §8.1). */
import assert from "node:assert/strict";
import { type Case, MALFORMED, play, RESET } from "../../fakes/h2-client-cases.ts";
import { codeNames, data, headers, rst, windowUpdate } from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";
import { HandBody } from "../../fakes/h2-upstream-lab.ts";

const OK = block([":status", "200"]);
const REFUSED = "upstream.refused retryable";
const STREAM_CLOSED = ["goaway STREAM_CLOSED", "rst STREAM_CLOSED"];

/** A request whose body goes on for as long as the test likes. */
const openBody = (): { ask: { method: string; body: HandBody } } => ({ ask: { method: "POST", body: new HandBody() } });

play("sends frames behind the end of its answer", [
  {
    name: "DATA, while the request is open",
    ...openBody(),
    play: (server) => server.send(headers(1, OK, { end: true }), data(1, "x")),
    sees: [...STREAM_CLOSED, "goes on"],
  },
  {
    name: "HEADERS, while the request is open",
    ...openBody(),
    play: (server) => server.send(headers(1, OK, { end: true }), headers(1, OK, { end: true })),
    sees: [...STREAM_CLOSED, "goes on"],
  },
  {
    name: "DATA, when the request is over too",
    play: (server) => server.send(headers(1, OK, { end: true }), data(1, "x")),
    caller: '200 ""',
    sees: STREAM_CLOSED,
  },
  {
    name: "HEADERS, when the request is over too",
    play: (server) => server.send(headers(1, OK, { end: true }), headers(1, OK, { end: true })),
    caller: '200 ""',
    sees: STREAM_CLOSED,
  },
  {
    name: "WINDOW_UPDATE and RST_STREAM, which may still come",
    play: (server) =>
      server.send(headers(1, OK, { end: true }), windowUpdate(1, 100), rst(1, "NO_ERROR"), windowUpdate(1, 5)),
    caller: '200 ""',
    sees: "goes on",
  },
  {
    name: "DATA behind its RST_STREAM",
    play: (server) => server.send(rst(1, "CANCEL"), data(1, "x")),
    caller: RESET,
    sees: STREAM_CLOSED,
  },
  {
    name: "HEADERS behind its RST_STREAM",
    play: (server) => server.send(rst(1, "CANCEL"), headers(1, OK)),
    caller: RESET,
    sees: STREAM_CLOSED,
  },
  {
    name: "RST_STREAM twice",
    play: (server) => server.send(rst(1, "CANCEL"), rst(1, "CANCEL")),
    caller: RESET,
    sees: "goes on",
  },
]);

play("resets a stream", [
  ...codeNames
    .filter((name) => name !== "REFUSED_STREAM")
    .map((name): Case => ({
      name: `with ${name} before it has answered`,
      play: (server) => server.send(rst(1, name)),
      caller: RESET,
      sees: "goes on",
    })),
  ...[14, 255, 2 ** 32 - 1].map((code): Case => ({
    name: `with the unknown code ${code}`,
    play: (server) => server.send(rst(1, code)),
    caller: RESET,
    sees: "goes on",
  })),
  {
    name: "with REFUSED_STREAM",
    play: (server) => server.send(rst(1, "REFUSED_STREAM")),
    caller: REFUSED,
    sees: "goes on",
  },
  {
    name: "with REFUSED_STREAM while the request's body is sent",
    ...openBody(),
    play: async (server, _lab, asked) => {
      const body = asked?.x.requestBody as HandBody;
      body.give("abc");
      await server.until("DATA", () => server.stream(1).length === 3);
      server.send(rst(1, "REFUSED_STREAM"));
    },
    caller: REFUSED,
    sees: "goes on",
  },
  {
    name: "with REFUSED_STREAM behind an interim answer, which says that it was looked at",
    play: (server) => server.send(headers(1, block([":status", "103"])), rst(1, "REFUSED_STREAM")),
    caller: [RESET, "upstream.refused"],
    sees: "goes on",
  },
  {
    name: "with REFUSED_STREAM behind the head of its answer",
    play: (server) => server.send(headers(1, OK), rst(1, "REFUSED_STREAM")),
    caller: [`200 broken ${RESET}`],
    sees: "goes on",
  },
  {
    name: "with CANCEL within its body",
    play: (server) => server.send(headers(1, OK), data(1, "abc"), rst(1, "CANCEL")),
    caller: `200 broken ${RESET}`,
    sees: "goes on",
  },
  {
    name: "with NO_ERROR within its body, which is not whole",
    play: (server) => server.send(headers(1, OK), data(1, "abc"), rst(1, "NO_ERROR")),
    caller: `200 broken ${RESET}`,
    sees: "goes on",
  },
  {
    name: "with NO_ERROR behind a whole answer, while the request is open",
    ...openBody(),
    play: (server) => server.send(headers(1, OK), data(1, "early", { end: true }), rst(1, "NO_ERROR")),
    caller: '200 "early"',
    sees: "goes on",
  },
  {
    name: "with NO_ERROR behind a whole answer that its caller has not read",
    ask: { stops: true },
    play: async (server, lab, asked) => {
      server.send(headers(1, OK), data(1, "early"), data(1, "er", { end: true }), rst(1, "NO_ERROR"));
      await server.barrier();
      assert.ok(asked);
      asked.sink.stops = false;
      asked.x.responseBody.drained();
      await lab.over(asked);
    },
    caller: '200 "earlyer"',
    sees: "goes on",
  },
  {
    name: "no: it answers early, and the request's body is cut off by a reset",
    ...openBody(),
    play: async (server) => {
      server.send(headers(1, OK, { end: true }));
      await server.until(
        "RST_STREAM or END_STREAM",
        () => server.stream(1).reset !== undefined || server.stream(1).hasEnded,
      );
    },
    caller: '200 ""',
    sees: ["goes on", "rst NO_ERROR"],
  },
]);

play("is given up by the caller", [
  {
    name: "before it has answered: RST_STREAM CANCEL, and what comes late is ignored",
    play: async (server, _lab, asked) => {
      asked?.x.abandon();
      await server.until("RST_STREAM", () => server.stream(1).reset !== undefined);
      server.send(headers(1, OK), data(1, "late"), data(1, "r", { end: true }));
    },
    sees: ["rst CANCEL"],
  },
  {
    name: "within its answer, of which the connection's window comes back",
    play: async (server, _lab, asked) => {
      server.send(headers(1, OK), data(1, "abc"));
      await server.until("the answer", () => asked?.sink.text === "abc");
      asked?.x.abandon();
      await server.until("RST_STREAM", () => server.stream(1).reset !== undefined);
      const chunk = Buffer.alloc(16_000);
      const before = server.judge.ourWindow;
      for (let at = 0; at < 300; at++) {
        if (server.judge.ourWindow >= chunk.length) server.send(data(1, chunk));
        if (at % 20 === 0) await server.barrier();
      }
      await server.barrier();
      assert.ok(server.judge.ourWindow > before / 4, `a window of ${server.judge.ourWindow} is left of ${before}`);
    },
    sees: ["rst CANCEL"],
  },
  {
    name: "as its request's body fails, which is a reset and not an end",
    ...openBody(),
    play: async (server, _lab, asked) => {
      const body = asked?.x.requestBody as HandBody;
      body.give("part");
      await server.until("DATA", () => server.stream(1).body === "part");
      const { failures } = await import("../../../src/base/failure.ts");
      body.fail(failures["downstream.gone"]);
      await server.until("RST_STREAM", () => server.stream(1).reset !== undefined);
      assert.equal(server.stream(1).hasEnded, false);
    },
    sees: ["rst CANCEL"],
  },
]);

play("sends frames on a stream that was flawed", [
  {
    name: "the rest of a malformed answer, which is thrown away",
    play: (server) => server.send(headers(1, block(["a", "b"])), data(1, "rest"), data(1, "", { end: true })),
    caller: MALFORMED,
    sees: "rst PROTOCOL_ERROR",
  },
  {
    name: "the rest of a DATA frame whose stream was given up, which is no other stream's",
    play: async (server, lab, asked) => {
      const frame = data(1, "0123456789".repeat(100), { end: true });
      server.send(headers(1, OK));
      server.judge.sent(frame);
      server.raw(frame.subarray(0, 100));
      await server.until("a part of the body", () => (asked?.sink.text.length ?? 0) > 0);
      asked?.x.abandon();
      await server.until("RST_STREAM", () => server.stream(1).reset !== undefined);
      const next = [lab.ask(), lab.ask()];
      const ids = [(await server.nextRequest()).id, (await server.nextRequest()).id];
      for (const id of ids) server.judge.sent(headers(id, OK));
      server.raw(frame.subarray(100));
      await server.barrier();
      for (const id of ids) server.send(headers(id, OK), data(id, "own", { end: true }));
      for (const each of next) await lab.over(each);
      assert.deepEqual(
        next.map(({ outcome }) => outcome),
        ['200 "own"', '200 "own"'],
      );
    },
    sees: "rst CANCEL",
  },
]);
