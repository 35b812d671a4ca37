/** The corpus of ambiguous requests: for each, what the caller gets and what the backend reads. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { shownRequests } from "../fakes/seen-requests.ts";
import { readResponses } from "../fakes/strict-reader.ts";
import { topics } from "./corpus/all.ts";
import { type Case, PROBE } from "./corpus/case.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const PROBED = "GET /probe @probe";
/** Enough for the most requests of a case. */
const methods = Array.from({ length: 20 }, () => "GET");

/** The statuses of all answers, interim ones left out. */
function statuses(got: string): string {
  const lines = readResponses(got, methods, true).map(({ line }) => line.slice(9, 12));
  return lines.filter((status) => !status.startsWith("1")).join(" ");
}

let backend: RawBackend;
let proxy: Http1Proxy;
before(async () => {
  backend = await RawBackend.start(() => OK);
  proxy = await Http1Proxy.start(backend.port);
});
after(async () => {
  await proxy[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
});

async function judge({ bytes, gets, sees }: Case): Promise<void> {
  const begins = backend.seen.map((seen) => seen.length);
  using caller = await RawCaller.connect(proxy.port);
  caller.send(bytes + PROBE);
  await caller.until(({ state }) => state !== "open");
  assert.equal(statuses(caller.got), gets);
  const seen = shownRequests(backend.seen.map((all, at) => all.slice(begins[at])));
  const isProbed = gets.split(" ").length > sees.length && gets.endsWith("200");
  assert.deepEqual(seen, isProbed ? [...sees, PROBED] : sees);
  assert.deepEqual(proxy.bugs, []);
}

for (const [topic, cases] of Object.entries(topics)) {
  describe(`ambiguous requests: ${topic}`, () => {
    for (const each of cases) it(each.name, () => judge(each));
  });
}

it("the corpus has no case twice, and as many as it promises", () => {
  const all = Object.values(topics).flat();
  assert.equal(new Set(all.map(({ bytes }) => bytes)).size, all.length);
  assert.ok(all.length >= 300, `${all.length} cases`);
});
