/** What a running Linkerd 1.7.5 did with requests of HTTP/2, asked of Linkspan with its configuration. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { h2Differences } from "../../scripts/linkerd-differences.ts";
import type { TestDaemon } from "../e2e/daemon.ts";
import { valueOf } from "../fakes/h2-fields.ts";
import { codeNames, data, goaway, headers, rst } from "../fakes/h2-frames.ts";
import { block, type Field } from "../fakes/h2-hpack.ts";
import type { JudgedStream } from "../fakes/h2-ledger.ts";
import { H2Listener, H2Peer } from "../fakes/h2-wire.ts";
import { type Outcome, readVectors, recordedDaemon, said, type Said, withPorts } from "../fakes/linkerd-replay.ts";

type Event = readonly unknown[];

interface Recorded {
  readonly name: string;
  readonly routerPort: number;
  readonly sentHeaders: readonly Field[];
  readonly sentData?: string;
  readonly sentTrailers?: readonly Field[];
  readonly after?: string;
  readonly ownBackend: number;
  readonly backendSaw?: readonly Event[];
  readonly clientGot: readonly Event[];
}

const plain: Field = ["content-type", "text/plain"];
const grpc: Field = ["content-type", "application/grpc"];
const head = (id: number, status: number, ...fields: Field[]): Buffer =>
  headers(id, block([":status", String(status)], ...fields));
const whole = (id: number, status: number, ...fields: Field[]): Buffer =>
  headers(id, block([":status", String(status)], ...fields), { end: true });
const ok = (id: number, ...fields: Field[]): Buffer[] => [
  head(id, 200, plain, ...fields),
  data(id, "ok\n", { end: true }),
];
const bad = (id: number, status: number, ...fields: Field[]): Buffer[] => [
  head(id, status, ...fields),
  data(id, "bad\n", { end: true }),
];

/** What the backend of the records answered to a path. */
const answers: Readonly<Record<string, (id: number) => Buffer[]>> = {
  trailers: (id) => [
    head(id, 200, grpc),
    data(id, "\0\0\0\0\0"),
    headers(id, block(["grpc-status", "0"], ["x-t", "1"]), { end: true }),
  ],
  trailersonly: (id) => [whole(id, 200, grpc, ["grpc-status", "14"])],
  grpc14: (id) => [head(id, 200, grpc), headers(id, block(["grpc-status", "14"]), { end: true })],
  refused: (id) => [rst(id, "REFUSED_STREAM")],
  internal: (id) => [rst(id, "INTERNAL_ERROR")],
  cancel: (id) => [rst(id, "CANCEL")],
  rstmid: (id) => [head(id, 200, plain), data(id, "part"), rst(id, "INTERNAL_ERROR")],
  goaway: () => [goaway(0, "NO_ERROR")],
  "100": (id) => [head(id, 103, ["link", "</a>"]), ...ok(id)],
  bighdr: (id) => ok(id, ["x-big", "b".repeat(16_000)]),
  clbad: (id) => ok(id, ["content-length", "30"]),
  cookie: (id) => ok(id, ["set-cookie", "a=1"], ["set-cookie", "b=2"]),
  hop: (id) => ok(id, ["connection", "close"]),
  "204": (id) => [whole(id, 204)],
  "500": (id) => bad(id, 500),
  "503retry": (id) => bad(id, 503, ["l5d-retryable", "true"]),
  never: () => [],
};

/** Answers each request as the records' backend did; dispose it to stop. */
function serve(listener: H2Listener): Disposable {
  const answered = new Set<JudgedStream>();
  const answer = (peer: H2Peer, stream: JudgedStream): void => {
    answered.add(stream);
    const name = /^\/r-(.+)$/.exec(valueOf(stream.head ?? [], ":path") ?? "")?.[1] ?? "ok";
    if (name === "close") peer.socket.end();
    else if (stream.method === "HEAD") peer.send(whole(stream.id, 200, plain));
    else peer.send(...(answers[name] ?? ok)(stream.id));
  };
  const timer = setInterval(() => {
    for (const peer of listener.peers) {
      for (const stream of peer.judge.streams.values()) {
        if (stream.hasEnded && stream.reset === undefined && !answered.has(stream)) answer(peer, stream);
      }
    }
  }, 2);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const isPseudo = ([name]: Field): boolean => name.startsWith(":");
const lineOf = (fields: readonly Field[]): string =>
  fields
    .filter(isPseudo)
    .map(([name, value]) => `${name} ${value}`)
    .toSorted()
    .join(", ");
const message = (
  kind: "request" | "answer",
  fields: readonly Field[],
  body: string,
  trailers?: readonly Field[],
): Said =>
  said(
    kind,
    lineOf(fields),
    fields.filter((field) => !isPseudo(field)),
    body,
    trailers,
  );

/** What a stream of ours became. */
const ofStream = (kind: "request" | "answer", { head: fields, body, trailers }: JudgedStream): Said[] =>
  fields === undefined ? [] : [message(kind, fields, kind === "request" ? `${body.length} bytes` : body, trailers)];

function recordedRequests(events: readonly Event[]): Said[] {
  const streams = new Map<string, { fields: readonly Field[]; length: number; trailers: readonly Field[] }>();
  for (const [port, connection, type, id, value] of events) {
    const key = `${String(port)} ${String(connection)} ${String(id)}`;
    const stream = streams.get(key);
    if (type === "HEADERS") streams.set(key, { fields: value as Field[], length: 0, trailers: [] });
    else if (type === "DATA" && stream) stream.length += value as number;
    else if (type === "TRAILERS" && stream) stream.trailers = value as Field[];
  }
  return [...streams.values()].map(({ fields, length, trailers }) =>
    message("request", fields, `${length} bytes`, trailers),
  );
}

function recordedAnswer(events: readonly Event[]): Pick<Outcome, "answers" | "end"> {
  const interims = events.filter(([type]) => type === "INFORMATIONAL").map(([, fields]) => fields as Field[]);
  const fields = events.find(([type]) => type === "HEADERS")?.[1] as Field[] | undefined;
  const trailers = events.find(([type]) => type === "TRAILERS")?.[1] as Field[] | undefined;
  const body = events
    .filter(([type]) => type === "DATA")
    .map((event) => String(event[2]))
    .join("");
  const broken = events.find(([type]) => ["RST_STREAM", "GOAWAY", "client protocol error"].includes(String(type)));
  const hasEnded = trailers !== undefined || events.some((event) => event.at(-1) === "END");
  const all = interims.map((each) => message("answer", each, ""));
  if (fields) all.push(message("answer", fields, body, trailers));
  return {
    answers: all,
    end: broken
      ? broken[0] === "RST_STREAM"
        ? `reset ${String(broken[1])}`
        : String(broken[0])
      : hasEnded
        ? "whole"
        : "open",
  };
}

const expand = (value: string): string =>
  value.replace(/^(.)\1+\.\.\.(\d+)$/, (_all, letter: string, count: string) => letter.repeat(Number(count)));

describe("what Linkerd 1.7.5 did over HTTP/2", { concurrency: 1 }, () => {
  const fixed = ["20001", "20008"];
  const records = readVectors<Recorded>("h2.jsonl");
  let shared: H2Listener;
  let serving: Disposable;
  let daemon: TestDaemon;
  let portOf: (recorded: number) => number;
  before(async () => {
    shared = await H2Listener.start();
    serving = serve(shared);
    ({ daemon, portOf } = await recordedDaemon("h2.yaml", (text) =>
      text.replaceAll("20001", String(shared.port)).replaceAll("18999", "1"),
    ));
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    serving[Symbol.dispose]();
    await shared[Symbol.asyncDispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  async function replay(record: Recorded): Promise<Outcome> {
    using scope = new DisposableStack();
    await using own = await H2Listener.start();
    scope.use(serve(own));
    const local = (value: string): string =>
      fixed
        .reduce((text, port) => text.replaceAll(port, String(shared.port)), expand(value))
        .replaceAll(String(record.ownBackend), String(own.port));
    using caller = await H2Peer.connect(portOf(record.routerPort));
    const { sentData, sentTrailers } = record;
    const from = shared.peers.map(({ judge }) => judge.streams.size);
    const isHeld = sentData === "<held open>";
    const body = sentData === "60000 bytes" ? "z".repeat(60_000) : sentData;
    const fields = record.sentHeaders.map(([name, value]): Field => [name, local(value)]);
    const id = caller.request(fields, { end: body === undefined });
    if (body !== undefined && !isHeld) {
      const pieces = body.match(/[^]{1,16384}/g) ?? [""];
      const isLast = (at: number): boolean => at === pieces.length - 1 && sentTrailers === undefined;
      caller.send(...pieces.map((piece, at) => data(id, piece, { end: isLast(at) })));
    }
    if (sentTrailers) caller.send(headers(id, block(...sentTrailers), { end: true }));
    const stream = (): JudgedStream | undefined => caller.judge.streams.get(id);
    const isOver = (): boolean =>
      stream()?.hasEnded === true || stream()?.reset !== undefined || caller.state !== "open";
    if (isHeld || record.after === "close") {
      await caller.until("the request", () => own.peers.some(({ judge }) => judge.streams.size > 0));
    } else await caller.until("the end", isOver, 4000);
    const seen = [
      ...own.peers.flatMap(({ judge }) => [...judge.streams.values()]),
      ...shared.peers.flatMap(({ judge }, at) => [...judge.streams.values()].slice(from[at] ?? 0)),
    ];
    const got = stream();
    const end =
      got?.reset !== undefined && !got.hasEnded
        ? `reset ${codeNames[got.reset]}`
        : got?.hasEnded === true
          ? "whole"
          : caller.judge.goaway
            ? "GOAWAY"
            : "open";
    const interims = got?.interims.map((each) => message("answer", each, "")) ?? [];
    const outcome = {
      requests: seen.flatMap((each) => ofStream("request", each)),
      answers: [...interims, ...(got ? ofStream("answer", got) : [])],
      end,
    };
    return withPorts(
      outcome,
      new Map([
        [String(own.port), "OWN"],
        [String(shared.port), "FIXED"],
      ]),
    );
  }

  const recorded = (record: Recorded): Outcome =>
    withPorts(
      { requests: recordedRequests(record.backendSaw ?? []), ...recordedAnswer(record.clientGot) },
      new Map([...fixed.map((port) => [port, "FIXED"] as const), [String(record.ownBackend), "OWN"]]),
    );

  for (const record of records) {
    const why = h2Differences[record.name];
    it(`${record.name} is ${why === undefined ? "the same" : `different: ${why}`}`, async () => {
      const ours = await replay(record);
      if (why === undefined) assert.deepEqual(ours, recorded(record));
      else assert.notDeepEqual(ours, recorded(record), "the difference is gone: take it off the list");
    });
  }

  it("every difference is of a record", () => {
    const names = new Set(records.map(({ name }) => name));
    assert.deepEqual(
      Object.keys(h2Differences).filter((name) => !names.has(name)),
      [],
    );
  });
});
