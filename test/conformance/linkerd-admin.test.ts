/** What a running Linkerd 1.7.5 answered at its admin port, asked of Linkspan's with the same configuration. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { after, before, describe, it } from "node:test";
import { adminDifferences } from "../../scripts/linkerd-admin-differences.ts";
import type { TestDaemon } from "../e2e/daemon.ts";
import { readVectors, recordedDaemon } from "../fakes/linkerd-replay.ts";

interface Recorded {
  readonly method: string;
  /** Where it was not the admin port. */
  readonly port?: string;
  readonly path: string;
  readonly reqHeaders?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

function nameOf({ method, port, path, reqHeaders = {} }: Recorded): string {
  if (port === undefined) return `${method} ${path}`;
  return `identifier ${method} ${path} of ${reqHeaders["Host"] ?? "127.0.0.1:9993"}`;
}

const mediaType = (written = ""): string => written.split(";")[0] ?? "";

/** What stands in a body changes from moment to moment; that something of the kind is there does not. */
const answer = (status: number, type: string | undefined): string =>
  status === 200 ? `200 ${mediaType(type)}` : String(status);

describe("what Linkerd 1.7.5 answered at its admin port", { concurrency: 1 }, () => {
  const records = readVectors<Recorded>("admin.jsonl");
  let daemon: TestDaemon;
  before(async () => {
    // What is refused here: a name of metrics, and a rewriting with a part that nothing fills.
    const served = (text: string): string =>
      text.replace("  prefix: linkerd_\n", "").replace(/- kind: io\.l5d\.rewrite\n {2}prefix: \/rw2\n.*\n.*\n/, "");
    ({ daemon } = await recordedDaemon("names.yaml", (text) => served(text.replaceAll("<dir>/run", "/nowhere"))));
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  async function ask({ method, port, path, reqHeaders = {} }: Recorded): Promise<string> {
    if (port !== undefined) return "nobody listens";
    const { hostname, port: own } = new URL(daemon.adminUrl);
    const asked = request({ host: hostname, port: own, path, method, headers: reqHeaders, agent: false });
    asked.end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    return answer(response.statusCode ?? 0, response.headers["content-type"]);
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
