/** Plays tables of cases against linkspan's connections to endpoints: what the caller is told, and what the server sees. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codeNames } from "./h2-frames.ts";
import { type Asked, type LabOptions, type Request, UpstreamLab } from "./h2-upstream-lab.ts";
import type { H2Peer } from "./h2-wire.ts";

export interface Case extends LabOptions {
  /** What the server does, as the end of a sentence. */
  readonly name: string;
  /** What is asked before the server plays; nothing for none. */
  readonly ask?: Request | undefined;
  /** Called when the request's head has come, where one is asked. */
  readonly play: (server: H2Peer, lab: UpstreamLab, asked: Asked | undefined) => void | Promise<void>;
  /** One of the outcomes that the caller may be told. */
  readonly caller?: string | readonly string[];
  /**
   * One of: "goes on" (another request is served on the connection), "rst CODE" (on stream 1, and goes on), "goaway CODE",
   * "closed" (with no GOAWAY, or one of NO_ERROR).
   */
  readonly sees: string | readonly string[];
}

const asList = (one: string | readonly string[]): readonly string[] => (typeof one === "string" ? [one] : one);

export const MALFORMED = "upstream.malformed";
export const RESET = "upstream.reset";

export function play(title: string, cases: readonly Case[]): void {
  describe(`an upstream connection, when the server ${title}`, { concurrency: 8 }, () => {
    for (const each of cases) it(each.name, () => run(each));
  });
}

async function run(each: Case): Promise<void> {
  await using lab = await UpstreamLab.open(each);
  const { server } = lab;
  const asked = "ask" in each && each.ask === undefined ? undefined : lab.ask(each.ask ?? {});
  if (asked) await server.nextRequest();
  else await server.until("its SETTINGS", () => server.judge.frames.length > 0);
  await each.play(server, lab, asked);
  if (asked && each.caller !== undefined) {
    assert.deepEqual(lab.bugs, []);
    if (!asList(each.caller).includes("waits")) await lab.over(asked);
    assert.ok(
      asList(each.caller).includes(asked.outcome),
      `the caller is told ${asked.outcome}, not ${each.caller}; ${server.log()}`,
    );
  }
  const seen = await whatItSees(lab, asList(each.sees));
  assert.ok(asList(each.sees).includes(seen), `the server sees "${seen}", not "${each.sees}"; ${server.log()}`);
  if (asked?.outcome !== "waits") {
    assert.ok((asked?.responds ?? 0) <= 1, "the caller is answered once");
    if (each.caller !== undefined) assert.equal(asked?.finishes ?? 1, 1, "the exchange ends once");
  }
  assert.deepEqual(server.judge.violations, [], server.log());
}

async function whatItSees(lab: UpstreamLab, expected: readonly string[]): Promise<string> {
  const { server } = lab;
  if (expected.every((each) => each.startsWith("goaway") || each === "closed")) await server.closed();
  else if (await server.barrier()) {
    const reset = server.judge.streams.get(1)?.reset;
    if (expected.includes("goes on") || expected.some((each) => each.startsWith("rst"))) await anotherRequest(lab);
    return reset === undefined || (reset === 8 && !expected.includes("rst CANCEL"))
      ? "goes on"
      : `rst ${codeNames[reset]}`;
  }
  const { end } = server;
  return end === "goaway NO_ERROR" ? "closed" : end;
}

/** The connection is whole: it serves a request of another kind. */
async function anotherRequest(lab: UpstreamLab): Promise<void> {
  const { server } = lab;
  const next = lab.ask({ target: "/again", fields: [["x-again", "yes"]] });
  const stream = await server.nextRequest();
  server.respond(stream.id, 200, "again");
  await lab.over(next);
  assert.equal(next.outcome, '200 "again"', server.log());
}
