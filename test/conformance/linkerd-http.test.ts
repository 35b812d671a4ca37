/** What a running Linkerd 1.7.5 did with requests of HTTP/1, asked of Linkspan with its configuration. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { httpDifferences } from "../../scripts/linkerd-differences.ts";
import type { TestDaemon } from "../e2e/daemon.ts";
import type { Field } from "../fakes/h2-hpack.ts";
import {
  type Outcome,
  readVector,
  readVectors,
  recordedDaemon,
  said,
  type Said,
  withPorts,
} from "../fakes/linkerd-replay.ts";
import { type Answer, RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { letPass } from "../load/wait-until.ts";

interface Recorded {
  readonly name: string;
  readonly routerPort: number;
  readonly sent: string;
  readonly sentParts?: readonly string[];
  readonly halfCloseAfter?: boolean;
  readonly ownBackend: number;
  readonly backendSaw: Readonly<Record<string, string>>;
  readonly clientGot: string;
  readonly clientConn: "open" | "FIN" | "RST";
}

/** Long runs of one letter stand in the records without their middle. */
const expand = (text: string): string =>
  text.replace(
    /(.)(\1{20,})\.\.\.<(\d+) bytes omitted>\.\.\./g,
    (_all, letter: string, rest: string, omitted: string) => letter + rest + letter.repeat(Number(omitted)),
  );

/** What ends the long heads, whose middle is left out. */
const REST = "\r\nContent-Length: 3\r\n\r\nok\n";

interface BackendAnswer {
  readonly bytes: string;
  readonly closes: boolean;
}

const recordedAnswers = Object.entries(JSON.parse(readVector("backend.json")) as Record<string, BackendAnswer>);
const bytesOf = new Map(
  recordedAnswers.map(([name, { bytes, closes }]) => {
    const long = /(.)\.\.\. \((\d+) bytes\)$/.exec(bytes);
    const letters = long ? (long[1] as string).repeat(Number(long[2]) - long.index - REST.length) : "";
    return [name, { bytes: long ? bytes.slice(0, long.index) + letters + REST : bytes, closes }];
  }),
);
const OK: BackendAnswer = bytesOf.get("ok") ?? { bytes: "", closes: true };

/** Answers as the records' backend did. */
const answer: Answer = (seen, socket, turn) => {
  const lines = [...seen.matchAll(/(?:^|[^\r\n]*?)([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/g)];
  const target = lines[turn]?.[2] ?? "/";
  const name = /\/r-([a-z0-9]+)/.exec(target)?.[1] ?? "ok";
  if (name === "never") return undefined;
  if (name === "close") return void socket.end();
  if (name === "rst") return void socket.resetAndDestroy();
  if (name === "slow1") {
    setTimeout(() => socket.write(OK.bytes, "latin1"), 1000);
    return undefined;
  }
  const { bytes, closes } = bytesOf.get(name) ?? OK;
  const sent = lines[turn]?.[1] === "HEAD" ? bytes.slice(0, bytes.indexOf("\r\n\r\n") + 4) : bytes;
  if (!closes) return sent;
  socket.end(sent, "latin1");
  return undefined;
};

interface Body {
  readonly text: string;
  readonly trailers: readonly Field[];
  readonly next: number;
}

const fieldsOf = (lines: readonly string[]): Field[] =>
  lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trim()];
  });

function chunks(bytes: string, from: number): Body {
  let text = "";
  for (let at = from; ;) {
    const line = bytes.indexOf("\r\n", at);
    const size = line < 0 ? Number.NaN : Number.parseInt(bytes.slice(at, line), 16);
    if (Number.isNaN(size)) return { text: `${text}<cut>`, trailers: [], next: bytes.length };
    if (size === 0) {
      const end = bytes.indexOf("\r\n\r\n", line);
      const lines = end <= line ? [] : bytes.slice(line + 2, end).split("\r\n");
      return { text, trailers: fieldsOf(lines), next: end < 0 ? bytes.length : end + 4 };
    }
    text += bytes.slice(line + 2, line + 2 + size);
    at = line + size + 4;
  }
}

/** The messages in what Linkerd or Linkspan wrote, however it is framed. */
function messages(kind: "request" | "answer", bytes: string, methods: readonly string[] = []): Said[] {
  const out: Said[] = [];
  let turn = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) break;
    const [line = "", ...rest] = bytes.slice(at, end).split("\r\n");
    const fields = fieldsOf(rest);
    const value = (name: string): string | undefined => fields.find(([each]) => each.toLowerCase() === name)?.[1];
    const status = kind === "answer" ? Number(line.split(" ")[1]) : 0;
    const isInterim = status >= 100 && status < 200;
    const isEmpty = isInterim || status === 204 || status === 304 || (kind === "answer" && methods[turn] === "HEAD");
    if (!isInterim) turn++;
    const length = Number(value("content-length") ?? (kind === "request" ? 0 : bytes.length));
    const plain: Body = { text: bytes.slice(end + 4, end + 4 + length), trailers: [], next: end + 4 + length };
    const isChunked = value("transfer-encoding")?.includes("chunked") === true;
    const body = isEmpty ? { text: "", trailers: [], next: end + 4 } : isChunked ? chunks(bytes, end + 4) : plain;
    const shown = kind === "answer" ? line.split(" ").slice(1, 2).join() : line;
    out.push(said(kind, shown, fields, body.text.slice(0, 200), body.trailers));
    at = body.next;
  }
  return out;
}

const FIXED = ["19001", "19002", "19003", "19007", "19008", "19009", "19010"];
const CLOSED = ["18997", "18998", "18999"];

describe("what Linkerd 1.7.5 did over HTTP/1", { concurrency: 1 }, () => {
  const records = readVectors<Recorded>("http.jsonl");
  let shared: RawBackend;
  let daemon: TestDaemon;
  let portOf: (recorded: number) => number;
  const local = (text: string): string =>
    CLOSED.reduce(
      (all, port) => all.replaceAll(port, "1"),
      FIXED.reduce((all, port) => all.replaceAll(port, String(shared.port)), expand(text)),
    );
  before(async () => {
    shared = await RawBackend.start(answer);
    ({ daemon, portOf } = await recordedDaemon("http.yaml", local));
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  const methodsOf = ({ sent, sentParts = [] }: Recorded): string[] =>
    [sent, ...sentParts].flatMap((text) =>
      [...text.matchAll(/([A-Z]+) \S+ HTTP\/1/g)].map(([, method]) => method ?? ""),
    );

  function recorded(record: Recorded): Outcome {
    const requests = Object.values(record.backendSaw).flatMap((saw) =>
      messages("request", expand(saw).replaceAll("<EOF>", "").replaceAll("<RST>", "")),
    );
    const outcome: Outcome = {
      requests,
      answers: messages("answer", record.clientGot, methodsOf(record)),
      end: record.clientConn === "open" ? "open" : "closed",
    };
    const names = [...FIXED.map((port) => [port, "FIXED"] as const), [String(record.ownBackend), "OWN"] as const];
    return withPorts(outcome, new Map(names));
  }

  /** Waits for what was recorded; where that does not come, until nothing more comes. */
  async function settle(caller: RawCaller, answers: () => Said[], wanted: Outcome): Promise<void> {
    let got = "";
    let quiet = 0;
    for (let round = 0; round < 150; round++) {
      await letPass(10);
      quiet = caller.got === got ? quiet + 1 : 0;
      got = caller.got;
      const end = caller.state === "open" ? "open" : "closed";
      if (answers().length >= wanted.answers.length && end === wanted.end && quiet >= 2) return;
      if (quiet >= 15 && (end === "closed" || answers().length > 0)) return;
    }
  }

  async function replay(record: Recorded, wanted: Outcome): Promise<Outcome> {
    await using own = await RawBackend.start(answer);
    const ours = (text: string): string => local(text).replaceAll(String(record.ownBackend), String(own.port));
    using caller = await RawCaller.connect(portOf(record.routerPort));
    const from = shared.seen.map(({ length }) => length);
    caller.send(ours(record.sent));
    for (const part of record.sentParts ?? []) {
      await letPass(50);
      caller.send(ours(part));
    }
    if (record.halfCloseAfter === true) caller.socket.end();
    const answers = (): Said[] => messages("answer", caller.got, methodsOf(record));
    await settle(caller, answers, wanted);
    const seen = [...own.seen, ...shared.seen.map((text, at) => text.slice(from[at] ?? 0))];
    const outcome: Outcome = {
      requests: seen.flatMap((text) => messages("request", text)),
      answers: answers(),
      end: caller.state === "open" ? "open" : "closed",
    };
    return withPorts(
      outcome,
      new Map([
        [String(own.port), "OWN"],
        [String(shared.port), "FIXED"],
      ]),
    );
  }

  for (const record of records) {
    const why = httpDifferences[record.name];
    it(`${record.name} is ${why === undefined ? "the same" : `different: ${why}`}`, async () => {
      const wanted = recorded(record);
      const ours = await replay(record, wanted);
      if (why === undefined) assert.deepEqual(ours, wanted);
      else assert.notDeepEqual(ours, wanted, "the difference is gone: take it off the list");
    });
  }

  it("every difference is of a record", () => {
    const names = new Set(records.map(({ name }) => name));
    assert.deepEqual(
      Object.keys(httpDifferences).filter((name) => !names.has(name)),
      [],
    );
  });
});
