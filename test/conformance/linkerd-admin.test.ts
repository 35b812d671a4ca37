/** What a running Linkerd 1.7.5 answered at its admin port, asked of Linkspan's with the same configuration. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { adminDifferences } from "../../scripts/linkerd-admin-differences.ts";
import type { TestDaemon } from "../e2e/daemon.ts";
import { eventually } from "../../src/testing/index.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { bodyJudges } from "../fakes/linkerd-admin-bodies.ts";
import { readVectors, recordedDaemon } from "../fakes/linkerd-replay.ts";

interface Recorded {
  readonly method: string;
  /** Where it was not the admin port. */
  readonly port?: string;
  readonly path: string;
  readonly reqHeaders?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function nameOf({ method, port, path, reqHeaders = {} }: Recorded): string {
  if (port === undefined) return `${method} ${path}`;
  return `identifier ${method} ${path} of ${reqHeaders["Host"] ?? "127.0.0.1:9993"}`;
}

const mediaType = (written = ""): string => written.split(";")[0] ?? "";

const answer = (status: number, type: string | undefined): string =>
  status === 200 ? `200 ${mediaType(type)}` : String(status);

/** What is wrong with our body, as a suffix. */
function bodyFlaw(name: string, theirs: string, ours: string): string {
  try {
    bodyJudges[name]?.(theirs, ours);
    return "";
  } catch (error) {
    return `, another body: ${(error as Error).message}`;
  }
}

/** The names that Linkerd listed, as files. */
function listedFiles(records: readonly Recorded[]): Record<string, string> {
  const listed = records.find(({ path }) => path === "/bound-names.json");
  const names = JSON.parse(listed?.body ?? "[]") as string[];
  return Object.fromEntries(
    names.map((name) => {
      const [, prefix = "", file = ""] = /^\/#\/(.*)\/(.*)$/.exec(name) ?? [];
      return [`${prefix === "myfs" ? "disco" : "fsdisco"}/${file}`, "127.0.0.1 18101\n"];
    }),
  );
}

describe("what Linkerd 1.7.5 answered at its admin port", { concurrency: 1 }, () => {
  const records = readVectors<Recorded>("admin.jsonl");
  const folder = tempFolder(listedFiles(records));
  let daemon: TestDaemon;
  before(async () => {
    // What is refused here: a rewriting with a part that nothing fills.
    const served = (text: string): string =>
      text
        .replace(/- kind: io\.l5d\.rewrite\n {2}prefix: \/rw2\n.*\n.*\n/, "")
        .replace("httpIdentifierPort: 9993", "httpIdentifierPort: 0");
    ({ daemon } = await recordedDaemon("names.yaml", (text) => served(text.replaceAll("<dir>/run", folder.path))));
    // In the record one name had been asked for.
    const { port } = daemon;
    const [response] = (await once(request({ port, headers: { host: "one" }, agent: false }).end(), "response")) as [
      IncomingMessage,
    ];
    response.resume();
    await eventually("the port beside it listens", () => daemon.logged("identifier.listening").length > 0);
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  async function ask(record: Recorded): Promise<string> {
    const { method, port, path, reqHeaders = {} } = record;
    const { hostname: host, port: own } = new URL(daemon.adminUrl);
    const beside = Number(daemon.logged("identifier.listening")[0]?.["port"]);
    const place = port === undefined ? { host, port: own } : { host, port: beside };
    const headers = { ...(port === undefined ? {} : { Host: "127.0.0.1:9993" }), ...reqHeaders };
    const asked = request({ ...place, path, method, headers, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const body = await text(response);
    const kind = answer(response.statusCode ?? 0, response.headers["content-type"]);
    return kind + bodyFlaw(nameOf(record), record.body, body);
  }

  for (const record of records) {
    const name = nameOf(record);
    const why = adminDifferences[name];
    it(`${name} is ${why === undefined ? "the same" : `different: ${why}`}`, async () => {
      const wanted = answer(record.status, record.headers["Content-Type"]);
      const ours = await ask(record);
      if (why === undefined) assert.equal(ours, wanted);
      else assert.notEqual(ours, wanted, "the difference is gone: take it off the list");
    });
  }

  it("every difference is of a record", () => {
    const names = new Set(records.map(nameOf));
    assert.deepEqual(
      Object.keys(adminDifferences).filter((name) => !names.has(name)),
      [],
    );
  });
});
