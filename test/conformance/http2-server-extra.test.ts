/** What callers may do to a server of HTTP/2 that no conformance suite asks: floods, streams for nothing, and slowness without end. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../src/http/exchange.ts";
import type { Http2Settings } from "../../src/http2/settings.ts";
import { DownstreamLab, EndlessBody } from "../fakes/h2-downstream-lab.ts";
import {
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
} from "../fakes/h2-frames.ts";
import { block, type Field, indexed, literal } from "../fakes/h2-hpack.ts";
import type { H2Peer } from "../fakes/h2-wire.ts";
import { RawCaller } from "../fakes/raw-caller.ts";

const get: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "web"],
];
const post: readonly Field[] = [[":method", "POST"], ...get.slice(1)];
const GET = block(...get);
const POST = block(...post);
const CALM = /^(goaway ENHANCE_YOUR_CALM|closed)$/;

interface Flood {
  readonly name: string;
  /** The frames of one step; `id` is a new odd number each time. */
  readonly each: (id: number) => Buffer;
  /** Sent before. */
  readonly first?: readonly Buffer[];
  readonly count?: number;
  readonly own?: Partial<Http2Settings>;
  readonly ends?: RegExp;
  /** Requests that may reach the tier behind at most. */
  readonly dispatched?: number;
}

/** Reset by the server itself, for a reason that the caller gives (CVE-2025-8671). */
const flaws: readonly (readonly [name: string, flaw: (id: number) => Buffer])[] = [
  ["WINDOW_UPDATE by nothing", (id) => windowUpdate(id, 0)],
  ["WINDOW_UPDATE over 2^31-1", (id) => windowUpdate(id, 2 ** 31 - 1)],
  ["a body over content-length", (id) => data(id, "more than that")],
  ["trailers that are malformed", (id) => headers(id, block([":path", "/"]), { end: true })],
  ["DATA behind the end", (id) => Buffer.concat([data(id, "right", { end: true }), data(id, "more")])],
  [
    "trailers behind the end",
    (id) => Buffer.concat([data(id, "right", { end: true }), headers(id, block(["a", "b"]))]),
  ],
  ["trailers without an end", (id) => headers(id, block(["a", "b"]))],
];

const floods: readonly Flood[] = [
  {
    name: "requests that are reset at once (CVE-2023-44487)",
    each: (id) => Buffer.concat([headers(id, GET, { end: true }), rst(id, "CANCEL")]),
    dispatched: 1500,
  },
  ...flaws.map(([name, flaw]): Flood => ({
    name: `requests that have the server reset them by ${name}`,
    each: (id) => Buffer.concat([headers(id, block(...post, ["content-length", "5"])), flaw(id)]),
    dispatched: 1500,
    ends: /^(goaway (ENHANCE_YOUR_CALM|PROTOCOL_ERROR|FLOW_CONTROL_ERROR)|closed)$/,
  })),
  {
    name: "requests without :path",
    each: (id) => headers(id, block([":method", "GET"], [":scheme", "http"]), { end: true }),
    dispatched: 0,
  },
  {
    name: "requests over the limit of streams",
    own: { maxStreams: 10 },
    each: (id) => headers(id, GET, { end: true }),
    count: 20_000,
    dispatched: 10,
  },
  { name: "PING", each: () => ping() },
  { name: "answers to PING that nobody sent", each: () => ping("whatever", true) },
  { name: "SETTINGS", each: () => settings([S.INITIAL_WINDOW_SIZE, 10]) },
  { name: "empty SETTINGS", each: () => settings() },
  { name: "PRIORITY", each: (id) => priority(id) },
  { name: "frames of an unknown type", each: () => frame(222, 0, 0) },
  { name: "WINDOW_UPDATE by 1 on the connection", each: () => windowUpdate(0, 1) },
  { name: "WINDOW_UPDATE by 1 on a stream", first: [headers(1, GET, { end: true })], each: () => windowUpdate(1, 1) },
  { name: "empty DATA", first: [headers(1, POST)], each: () => data(1, "") },
  { name: "DATA of padding alone", first: [headers(1, POST)], each: () => data(1, "", { pad: 0 }) },
  { name: "RST_STREAM of a closed stream", first: [headers(1, GET, { end: true })], each: () => rst(1, "CANCEL") },
  { name: "GOAWAY", first: [headers(1, GET, { end: true })], each: () => goaway(0) },
  {
    name: "empty CONTINUATION (CVE-2024-27316)",
    first: [headers(1, GET, { whole: false })],
    each: () => continuation(1, Buffer.alloc(0), false),
    ends: /^(goaway (ENHANCE_YOUR_CALM|PROTOCOL_ERROR)|closed)$/,
  },
  {
    name: "CONTINUATION with fields",
    first: [headers(1, GET, { whole: false })],
    each: () => continuation(1, block(["x", "y".repeat(1000)]), false),
    ends: /^(goaway (ENHANCE_YOUR_CALM|PROTOCOL_ERROR|COMPRESSION_ERROR)|closed)$/,
    count: 2000,
  },
  {
    name: "DATA on a stream that the server has closed",
    own: { streamWindow: 65_535, connectionWindow: 1_000_000 },
    first: [headers(1, POST), data(1, "x", { end: true })],
    each: () => data(1, "x"),
    ends: /^(goaway (ENHANCE_YOUR_CALM|STREAM_CLOSED)|closed)$/,
  },
];

describe("a server of HTTP/2 cuts off", { concurrency: 4 }, () => {
  for (const flood of floods) {
    it(`a flood of ${flood.name}`, async () => {
      await using lab = await DownstreamLab.open(flood.own);
      using other = await lab.call();
      using caller = await lab.call();
      const { count = 60_000, ends = CALM, first = [], each } = flood;
      caller.send(...first);
      let id = -1;
      for (let at = 0; at < count && caller.state === "open"; at += 250) {
        caller.raw(Buffer.concat(Array.from({ length: 250 }, () => each((id += 2)))));
        await new Promise(setImmediate);
      }
      await caller.closed();
      assert.match(caller.end, ends);
      assert.ok(lab.dispatched <= (flood.dispatched ?? 1), `${lab.dispatched} requests were dispatched`);
      await caller.until("the end of its exchanges", () => lab.held.size === 0);
      lab.serve = (x) => lab.answer(x, "others are served");
      const asked = other.request(get);
      await other.until("an answer", () => other.stream(asked).hasEnded);
      assert.deepEqual(lab.bugs, []);
      assert.deepEqual(
        caller.judge.violations.filter((each) => !/idle stream|ACK of (nothing|another)/.test(each)),
        [],
      );
    });
  }

  it("a caller that asks by PING and reads no answer, however slowly", async () => {
    await using lab = await DownstreamLab.open({ pingAfterMs: 1e9 });
    using caller = await lab.call();
    assert.equal(await caller.barrier(), true);
    caller.socket.pause();
    const batch = Buffer.concat(Array.from({ length: 3000 }, () => ping()));
    let sent = 0;
    while (lab.connections > 0 && sent < 400) {
      caller.raw(batch);
      sent++;
      await lab.wait(11_000);
    }
    assert.equal(lab.connections, 0, `after ${sent * batch.length} bytes of PING`);
  });
});

/** A caller that has said its settings, and heard the server's. */
async function quietCaller(lab: DownstreamLab, ...says: readonly (readonly [number, number])[]): Promise<H2Peer> {
  const caller = await lab.call({ windows: false, says });
  assert.equal(await caller.barrier(), true);
  return caller;
}

/** Lets time pass until the connection, or the stream, is cut off. Returns the ms that it took. */
async function untilCut(
  lab: DownstreamLab,
  isCut: () => boolean,
  step: () => void,
  stepMs: number,
  mostMs: number,
): Promise<number> {
  for (let passed = 0; passed < mostMs; passed += stepMs) {
    if (isCut()) return passed;
    step();
    await lab.wait(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Infinity;
}

describe("a server of HTTP/2 does not wait for ever for", { concurrency: 4 }, () => {
  const connectionCases: readonly (readonly [name: string, send: (caller: H2Peer, at: number) => void, ms: number])[] =
    [
      ["a frame's head that comes by bytes", (caller, at) => caller.raw(ping().subarray(at % 9, (at % 9) + 1)), 5000],
      [
        "a frame that comes by bytes",
        (caller, at) => caller.raw(at === 0 ? headers(1, POST) : data(1, "x".repeat(100)).subarray(at - 1, at)),
        5000,
      ],
      [
        "a head that is not ended",
        (caller, at) => at === 0 && caller.send(headers(1, GET, { whole: false, end: true })),
        5000,
      ],
      [
        "a head that comes by bytes in CONTINUATION",
        (caller, at) =>
          caller.send(
            at === 0
              ? headers(1, Buffer.alloc(0), { whole: false, end: true })
              : continuation(1, GET.subarray(at - 1, at), false),
          ),
        5000,
      ],
      [
        "a head that comes in empty CONTINUATION",
        (caller, at) =>
          caller.send(at === 0 ? headers(1, GET, { whole: false }) : continuation(1, Buffer.alloc(0), false)),
        9000,
      ],
    ];
  for (const [name, send, ms] of connectionCases) {
    it(name, async () => {
      await using lab = await DownstreamLab.open({ pingAfterMs: 1e9 });
      using caller = await quietCaller(lab);
      let at = 0;
      const cut = await untilCut(
        lab,
        () => caller.state !== "open",
        () => send(caller, at++),
        ms,
        200_000,
      );
      assert.ok(cut <= 30_000, `cut off after ${cut} ms; ${caller.log()}`);
      assert.equal(lab.held.size, 0);
      assert.deepEqual(caller.judge.violations, []);
    });
  }

  it("SETTINGS that do not come behind the preface", async () => {
    await using lab = await DownstreamLab.open();
    using caller = await lab.call({ says: undefined });
    await lab.wait(15_000);
    await caller.closed();
  });

  it("a preface that does not come", async () => {
    await using lab = await DownstreamLab.open();
    for (const begun of ["", "PRI * HTT"]) {
      using caller = await RawCaller.connect(lab.port);
      caller.send(begun);
      const cut = await untilCut(
        lab,
        () => caller.state !== "open",
        () => undefined,
        1000,
        60_000,
      );
      assert.ok(cut <= 30_000, `cut off after ${cut} ms`);
    }
  });

  it("an acknowledgement of its SETTINGS", async () => {
    await using lab = await DownstreamLab.open();
    using caller = await lab.call({ settings: false });
    await caller.barrier();
    await lab.wait(12_000);
    await caller.closed();
    assert.equal(caller.end, "goaway SETTINGS_TIMEOUT");
  });

  it("an answer to its PING, while a request is under way", async () => {
    await using lab = await DownstreamLab.open({ pingAfterMs: 5000, pingTimeoutMs: 2000 });
    using caller = await lab.call({ pings: false });
    caller.request(get);
    await caller.barrier();
    await lab.wait(10_000);
    await caller.closed();
    await caller.until("the end of the exchange", () => lab.held.size === 0);
    assert.deepEqual(lab.failed, ["downstream.gone"]);
  });

  it("another request", async () => {
    await using lab = await DownstreamLab.open({ idleTimeoutMs: 60_000 });
    using caller = await quietCaller(lab);
    await lab.wait(65_000);
    await caller.closed();
    assert.equal(caller.end, "goaway NO_ERROR");
    assert.deepEqual(caller.judge.violations, []);
  });

  const bodies: readonly (readonly [name: string, trickle: (caller: H2Peer, id: number) => void])[] = [
    ["a body that does not come", () => undefined],
    ["a body that comes by bytes", (caller, id) => caller.send(data(id, "x"))],
    ["a body that comes in empty frames", (caller, id) => caller.send(data(id, ""))],
    ["a body that comes as padding", (caller, id) => caller.send(data(id, "", { pad: 10 }))],
  ];
  for (const [name, trickle] of bodies) {
    it(name, async () => {
      await using lab = await DownstreamLab.open({ pingAfterMs: 1e9 });
      using caller = await quietCaller(lab);
      const id = caller.request(post, { end: false });
      await caller.until("the request", () => lab.held.size === 1);
      const isCut = (): boolean => lab.held.size === 0;
      const cut = await untilCut(lab, isCut, () => trickle(caller, id), 20_000, 700_000);
      assert.ok(cut <= 600_000, `cut off after ${cut} ms; ${caller.log()}`);
      await caller.until(
        "an answer or a reset",
        () => caller.stream(id).reset !== undefined || caller.stream(id).hasEnded || caller.state !== "open",
      );
      assert.deepEqual(caller.judge.violations, []);
      assert.deepEqual(lab.bugs, []);
    });
  }

  const takers: readonly (readonly [
    name: string,
    says: readonly (readonly [number, number])[],
    trickle: (caller: H2Peer, id: number) => void,
  ])[] = [
    ["a window that stays at 0", [[S.INITIAL_WINDOW_SIZE, 0]], () => undefined],
    ["a window that opens by bytes", [[S.INITIAL_WINDOW_SIZE, 1]], (caller, id) => caller.send(windowUpdate(id, 1))],
    ["a window of the connection that stays at 0", [[S.INITIAL_WINDOW_SIZE, 1_000_000]], () => undefined],
    [
      "a window of the connection that opens by bytes",
      [[S.INITIAL_WINDOW_SIZE, 1_000_000]],
      (caller) => caller.send(windowUpdate(0, 1)),
    ],
    [
      "a window that opens by nothing, as SETTINGS say the same again",
      [[S.INITIAL_WINDOW_SIZE, 0]],
      (caller) => caller.send(settings([S.INITIAL_WINDOW_SIZE, 0])),
    ],
  ];
  for (const [name, says, trickle] of takers) {
    it(name, async () => {
      await using lab = await DownstreamLab.open({ pingAfterMs: 1e9 });
      const answers: EndlessBody[] = [];
      lab.serve = (x: Exchange) => {
        const body = new EndlessBody();
        answers.push(body);
        lab.answer(x, body);
      };
      using caller = await quietCaller(lab, ...says);
      const id = caller.request(get);
      await caller.until("the request", () => lab.held.size === 1);
      const isCut = (): boolean => lab.held.size === 0;
      const cut = await untilCut(lab, isCut, () => trickle(caller, id), 20_000, 700_000);
      assert.ok(cut <= 600_000, `cut off after ${cut} ms; ${caller.log()}`);
      assert.ok((answers[0]?.given ?? 0) < 400_000, `${answers[0]?.given} bytes were taken from the endpoint`);
      assert.equal(caller.stream(id).hasEnded, false);
      assert.deepEqual(caller.judge.violations, []);
      assert.deepEqual(lab.bugs, []);
    });
  }

  it("a caller that does not read, and takes little from the endpoint meanwhile", async () => {
    await using lab = await DownstreamLab.open({ pingAfterMs: 1e9 });
    const body = new EndlessBody();
    lab.serve = (x) => lab.answer(x, body);
    using caller = await quietCaller(lab, [S.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]);
    caller.send(windowUpdate(0, 2 ** 30));
    caller.socket.pause();
    caller.request(get);
    await caller.until("the request", () => lab.held.size === 1);
    const cut = await untilCut(
      lab,
      () => lab.held.size === 0,
      () => undefined,
      10_000,
      700_000,
    );
    assert.ok(cut <= 600_000, `cut off after ${cut} ms`);
    assert.ok(body.given < 32_000_000, `${body.given} bytes were taken from the endpoint`);
  });
});

describe("a server of HTTP/2 bounds what callers can make it hold", { concurrency: 4 }, () => {
  it("of a thousand answers that wait for windows", async () => {
    await using lab = await DownstreamLab.open();
    const answers: EndlessBody[] = [];
    lab.serve = (x) => {
      const body = new EndlessBody();
      answers.push(body);
      lab.answer(x, body);
    };
    using caller = await quietCaller(lab, [S.INITIAL_WINDOW_SIZE, 0]);
    for (let at = 0; at < 1000; at++) caller.request(get);
    await caller.until("all requests", () => answers.length === 1000);
    await caller.barrier();
    const given = answers.reduce((sum, each) => sum + each.given, 0);
    assert.ok(given <= 1000 * 65_536, `${given} bytes were taken from endpoints`);
    assert.deepEqual(caller.judge.violations, []);
  });

  it("of bodies that nobody takes: no more than the window of the connection", async () => {
    await using lab = await DownstreamLab.open({ connectionWindow: 500_000 });
    lab.serve = (x) => void lab.take(x, true);
    using caller = await quietCaller(lab);
    const ids = Array.from({ length: 20 }, () => caller.request(post, { end: false }));
    await caller.barrier();
    let sent = 0;
    for (const id of ids) {
      for (let at = 0; at < 3; at++) {
        if (caller.judge.ourWindow < 16_000) continue;
        caller.send(data(id, Buffer.alloc(16_000)));
        sent += 16_000;
      }
    }
    await caller.barrier();
    assert.ok(sent <= 520_000, `${sent} bytes were let in`);
    assert.ok(caller.judge.ourWindow < 16_000, "no window was opened");
    assert.deepEqual(caller.judge.violations, []);
  });

  it("of streams: what is over the limit is refused, and may be sent again", async () => {
    await using lab = await DownstreamLab.open({ maxStreams: 3 });
    using caller = await quietCaller(lab);
    const ids = Array.from({ length: 5 }, () => caller.request(get));
    await caller.until("two refusals", () => ids.filter((id) => caller.stream(id).reset === 7).length === 2);
    for (const x of lab.held) lab.answer(x);
    await caller.until("three answers", () => ids.filter((id) => caller.stream(id).hasEnded).length === 3);
    lab.serve = (x) => lab.answer(x);
    const again = caller.request(get);
    await caller.until("an answer", () => caller.stream(again).hasEnded);
    assert.deepEqual(caller.judge.violations, []);
  });

  it("of the rest of a DATA frame whose stream was reset: it is no other caller's", async () => {
    await using lab = await DownstreamLab.open();
    using evil = await quietCaller(lab);
    using other = await quietCaller(lab);
    const id = evil.request(post, { end: false });
    const frame = data(id, "evil".repeat(100), { end: true });
    evil.judge.sent(frame);
    evil.raw(frame.subarray(0, 50));
    await evil.until("a part of the body", () => [...lab.sinks.values()].some(({ text }) => text !== ""));
    // The answer is whole, and the rest of the request is not wanted.
    for (const x of lab.held) lab.answer(x);
    await evil.until("RST_STREAM", () => evil.stream(id).reset !== undefined);
    lab.sinks.clear();
    const innocent = [1, 2, 3].map(() => other.request(post, { end: false }));
    await other.until("the requests", () => lab.held.size === 3);
    evil.raw(frame.subarray(50));
    await evil.barrier();
    for (const each of innocent) other.send(data(each, "own", { end: true }));
    await other.until("their bodies", () => [...lab.sinks.values()].every(({ state }) => state === "ended"));
    assert.deepEqual(
      [...lab.sinks.values()].map(({ text }) => text),
      ["own", "own", "own"],
    );
  });

  const large: readonly (readonly [name: string, head: Buffer])[] = [
    ["heads that are too large", Buffer.concat([GET, literal("a", "b".repeat(9000))])],
    ["heads of too many fields", Buffer.concat([GET, ...Array.from({ length: 1000 }, () => literal("a", ""))])],
    ["heads that are bombs of HPACK, of 60 MB each", Buffer.concat([GET, Buffer.alloc(15_000, indexed(62))])],
  ];
  for (const [name, head] of large) {
    it(`of ${name}: each is refused, at little cost`, async () => {
      await using lab = await DownstreamLab.open();
      using caller = await quietCaller(lab);
      caller.send(headers(1, Buffer.concat([GET, literal("a", "b".repeat(4000), "added")]), { end: true }));
      await caller.until("the request that fills the table", () => lab.dispatched === 1);
      const before = process.cpuUsage();
      for (let id = 3; id < 1003; id += 2) caller.send(headers(id, head, { end: true }));
      assert.equal(await caller.barrier(), true);
      const { user, system } = process.cpuUsage(before);
      assert.ok(user + system < 2_000_000, `${user + system} us of CPU for 500 heads`);
      assert.equal(lab.dispatched, 1);
      const status = caller.stream(1001).head?.[0]?.[1];
      assert.ok(status === "431" || caller.stream(1001).reset !== undefined, `the caller got ${status}`);
      assert.deepEqual(caller.judge.violations, []);
    });
  }

  it("of the table of fields, when its caller says it wants none", async () => {
    await using lab = await DownstreamLab.open();
    lab.serve = (x) =>
      lab.answer(x, "ok", 200, [
        ["x-always", "the same"],
        ["server", "s"],
      ]);
    using caller = await quietCaller(lab, [S.HEADER_TABLE_SIZE, 0]);
    for (let at = 0; at < 10; at++) {
      const id = caller.request(get);
      await caller.until("an answer", () => caller.stream(id).hasEnded);
    }
    caller.send(settings([S.HEADER_TABLE_SIZE, 100]), frame(T.PRIORITY, 0, 1, Buffer.alloc(5)));
    for (let at = 0; at < 10; at++) {
      const id = caller.request(get);
      await caller.until("an answer", () => caller.stream(id).hasEnded);
    }
    assert.deepEqual(caller.judge.violations, []);
  });
});
