/** The life of a connection to a server: GOAWAY, limits of streams, ends, silence and floods. */
import assert from "node:assert/strict";
import { type Case, MALFORMED, play, RESET } from "../../fakes/h2-client-cases.ts";
import {
  codeNames,
  continuation,
  data,
  frame,
  goaway,
  headers,
  ping,
  priority,
  rst,
  S,
  settings,
  T,
  windowUpdate,
} from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";
import type { UpstreamLab } from "../../fakes/h2-upstream-lab.ts";

const OK = block([":status", "200"]);
const WHOLE = '200 "ok"';
const UNSEEN = ["upstream.refused retryable", "upstream.reset retryable"];

play("goes away", [
  {
    name: "and has not seen the request",
    play: (server) => server.send(goaway(0)),
    caller: UNSEEN,
    sees: "closed",
  },
  ...codeNames.slice(1, 5).map((name): Case => ({
    name: `for ${name}, and has not seen the request`,
    play: (server) => server.send(goaway(0, name, "why")),
    caller: UNSEEN,
    sees: "closed",
  })),
  {
    name: "and answers what it has seen, before the connection is closed by linkspan",
    play: async (server, lab) => {
      server.send(goaway(1));
      await server.barrier();
      assert.equal(lab.connection.free, 0, "it takes no more");
      assert.equal(server.state, "open", "it waits for the answer");
      server.respond(1);
    },
    caller: WHOLE,
    sees: "closed",
  },
  {
    name: "in two steps, as servers do that drain",
    play: async (server, lab) => {
      server.send(goaway(2 ** 31 - 1));
      await server.barrier();
      assert.equal(lab.connection.free, 0);
      server.send(goaway(1));
      server.respond(1);
    },
    caller: WHOLE,
    sees: "closed",
  },
  {
    name: "and has seen one request of two",
    play: async (server, lab) => {
      const second = lab.ask();
      await server.nextRequest();
      server.send(goaway(1));
      await lab.over(second);
      assert.ok(UNSEEN.includes(second.outcome), second.outcome);
      server.respond(1);
    },
    caller: WHOLE,
    sees: "closed",
  },
  {
    name: "and closes, with what it has seen unanswered",
    play: (server) => {
      server.send(goaway(1));
      server.socket.end();
    },
    caller: RESET,
    sees: "closed",
  },
  {
    name: "with no request under way",
    ask: undefined,
    play: async (server, lab) => {
      server.send(goaway(0));
      await server.closed();
      assert.ok(lab.heard.includes("closed"));
    },
    sees: "closed",
  },
  {
    name: "within a body, that goes on to its end",
    play: async (server) => {
      server.send(headers(1, OK), data(1, "a"), goaway(1), data(1, "b"));
      await server.barrier();
      server.send(data(1, "c", { end: true }));
    },
    caller: '200 "abc"',
    sees: "closed",
  },
]);

const ends = (name: string, ...parts: readonly Buffer[]): Case => ({
  name,
  play: (server) => {
    server.raw(Buffer.concat(parts));
    server.socket.end();
  },
  caller: RESET,
  sees: "closed",
});

play("closes without a word", [
  ends("before it has answered"),
  ends("within a frame's head", headers(1, OK, { end: true }).subarray(0, 5)),
  ends("within a frame", headers(1, OK, { end: true }).subarray(0, 9)),
  ends("within a block", headers(1, OK, { whole: false })),
  ends("behind an interim answer", headers(1, block([":status", "103"]))),
  { ...ends("behind the head", headers(1, OK)), caller: `200 broken ${RESET}` },
  { ...ends("within a body", headers(1, OK), data(1, "abc")), caller: `200 broken ${RESET}` },
  {
    ...ends("within a frame of the body", headers(1, OK), data(1, "abcdef").subarray(0, 12)),
    caller: `200 broken ${RESET}`,
  },
  {
    ...ends(
      "behind a body of known length, without its end",
      headers(1, block([":status", "200"], ["content-length", "3"])),
      data(1, "abc"),
    ),
    caller: `200 broken ${RESET}`,
  },
  { ...ends("no: behind a whole answer", headers(1, OK), data(1, "abc", { end: true })), caller: '200 "abc"' },
  {
    name: "by a reset of TCP",
    play: (server) => void server.socket.destroy(),
    caller: RESET,
    sees: "closed",
  },
  {
    name: "before it has answered a GET, which may be sent again",
    ask: { method: "GET" },
    play: (server) => void server.socket.end(),
    caller: `${RESET} retryable`,
    sees: "closed",
  },
  {
    name: "behind an interim answer to a GET, which was looked at",
    ask: { method: "GET" },
    play: (server) => void server.socket.end(headers(1, block([":status", "103"]))),
    caller: RESET,
    sees: "closed",
  },
]);

play("limits its streams", [
  {
    name: "to one: the second request is not taken, and is told when it may come",
    says: [[S.MAX_CONCURRENT_STREAMS, 1]],
    play: async (server, lab) => {
      await server.barrier();
      assert.equal(lab.connection.free, 0);
      const second = lab.ask();
      await lab.over(second);
      assert.match(second.outcome, /retryable$/);
      lab.heard.length = 0;
      server.respond(1);
      await server.until("freed", () => lab.heard.includes("freed"));
      assert.equal(lab.connection.free, 1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
  {
    name: "to none, with one under way, and to one again",
    play: async (server, lab) => {
      server.send(settings([S.MAX_CONCURRENT_STREAMS, 0]));
      await server.barrier();
      assert.equal(lab.connection.free, 0);
      server.respond(1);
      await server.barrier();
      assert.equal(lab.connection.free, 0);
      lab.heard.length = 0;
      server.send(settings([S.MAX_CONCURRENT_STREAMS, 1]));
      await server.until("freed", () => lab.heard.includes("freed"));
      assert.equal(lab.connection.free, 1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
  {
    name: "below what is under way: all of them are served",
    play: async (server, lab) => {
      const more = [lab.ask(), lab.ask()];
      await server.nextRequest();
      await server.nextRequest();
      server.send(settings([S.MAX_CONCURRENT_STREAMS, 1]));
      await server.barrier();
      assert.equal(lab.connection.free, 0);
      for (const id of [5, 3, 1]) server.respond(id);
      for (const each of more) await lab.over(each);
      assert.deepEqual(
        more.map(({ outcome }) => outcome),
        [WHOLE, WHOLE],
      );
    },
    caller: WHOLE,
    sees: "goes on",
  },
  {
    name: "and a stream that was given up counts until nothing of it can come",
    says: [[S.MAX_CONCURRENT_STREAMS, 1]],
    play: async (server, lab, asked) => {
      await server.barrier();
      asked?.x.abandon();
      await server.barrier();
      assert.equal(lab.connection.free, 1);
    },
    sees: ["rst CANCEL"],
  },
]);

/** Moves the time of linkspan by single ticks. */
async function wait(lab: UpstreamLab, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 250) lab.clock.advance(250);
  await new Promise(setImmediate);
}

play("is silent", [
  {
    name: "about linkspan's SETTINGS",
    settings: false,
    own: { settingsTimeoutMs: 10_000, pingAfterMs: 1e9 },
    play: (_server, lab) => wait(lab, 12_000),
    caller: [RESET, MALFORMED],
    sees: "goaway SETTINGS_TIMEOUT",
  },
  {
    name: "from the first byte on",
    says: undefined,
    settings: false,
    pings: false,
    own: { settingsTimeoutMs: 10_000 },
    play: (_server, lab) => wait(lab, 12_000),
    caller: [RESET, MALFORMED],
    sees: ["goaway SETTINGS_TIMEOUT"],
  },
  {
    name: "when it is asked by PING",
    pings: false,
    own: { pingAfterMs: 5000, pingTimeoutMs: 2000 },
    play: async (server, lab) => {
      await server.barrier();
      await wait(lab, 6000);
      await server.frame("PING", ({ type, flags }) => type === T.PING && flags === 0);
      await wait(lab, 3000);
    },
    caller: RESET,
    sees: "closed",
  },
  {
    name: "no: it answers each PING",
    own: { pingAfterMs: 5000, pingTimeoutMs: 2000 },
    play: async (server, lab) => {
      for (let at = 0; at < 5; at++) {
        await server.barrier();
        await wait(lab, 6000);
        await server.barrier();
      }
      server.respond(1);
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);

const CALM = "goaway ENHANCE_YOUR_CALM";

const flood = (
  name: string,
  count: number,
  each: (at: number) => Buffer,
  sees: string | readonly string[] = [CALM, "closed"],
): Case => ({
  name,
  play: async (server) => {
    for (let at = 0; at < count && server.state === "open"; at += 500) {
      server.send(...Array.from({ length: 500 }, (_unused, more) => each(at + more)));
      await new Promise(setImmediate);
    }
  },
  caller: [RESET, MALFORMED],
  sees,
});

play("floods", [
  flood("PING", 30_000, () => ping()),
  flood("answers to PING that nobody sent", 30_000, () => ping("whatever", true)),
  flood("SETTINGS", 20_000, () => settings([S.MAX_CONCURRENT_STREAMS, 5])),
  flood("empty SETTINGS", 20_000, () => settings()),
  flood("PRIORITY", 50_000, (at) => priority(2 * at + 1, 0)),
  flood("frames of an unknown type", 50_000, () => frame(200, 0, 0)),
  flood("WINDOW_UPDATE by 1 on the connection", 50_000, () => windowUpdate(0, 1)),
  flood("WINDOW_UPDATE by 1 on a stream", 50_000, () => windowUpdate(1, 1)),
  flood("interim answers", 20_000, () => headers(1, block([":status", "103"])), [
    CALM,
    "closed",
    "rst PROTOCOL_ERROR",
    "rst ENHANCE_YOUR_CALM",
    "goaway STREAM_CLOSED",
  ]),
  {
    ...flood("empty DATA", 50_000, (at) => (at === 0 ? headers(1, OK) : data(1, ""))),
    caller: [`200 broken ${RESET}`, `200 broken ${MALFORMED}`],
  },
  {
    ...flood("DATA of padding alone", 50_000, (at) => (at === 0 ? headers(1, OK) : data(1, "", { pad: 0 }))),
    caller: [`200 broken ${RESET}`, `200 broken ${MALFORMED}`],
  },
  flood(
    "empty CONTINUATION",
    50_000,
    (at) => (at === 0 ? headers(1, OK, { whole: false }) : continuation(1, Buffer.alloc(0), false)),
    [CALM, "goaway PROTOCOL_ERROR", "closed"],
  ),
  { ...flood("RST_STREAM of a closed stream", 50_000, () => rst(1, "CANCEL")), caller: RESET },
  {
    name: "GOAWAY",
    play: async (server) => {
      for (let at = 0; at < 50_000 && server.state === "open"; at += 500) {
        server.send(...Array.from({ length: 500 }, () => goaway(1)));
        await new Promise(setImmediate);
      }
    },
    caller: [RESET, MALFORMED],
    sees: [CALM, "closed"],
  },
]);
