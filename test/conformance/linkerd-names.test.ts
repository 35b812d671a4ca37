/** Each name that was asked of a running Linkerd 1.7.5 at `/delegator.json` is explained here as there, or the difference is listed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { nameDifferences } from "../../scripts/linkerd-differences.ts";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";

interface Recorded {
  readonly namespace?: string;
  readonly dtab?: string;
  readonly path?: string;
  readonly post?: string;
  readonly postContentType?: string;
  readonly status: number;
  readonly result: unknown;
}

const recorded = readFileSync(new URL("../vectors/linkerd/names.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

const yaml = `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: ./fsdisco}
- {kind: io.l5d.fs, prefix: /myfs, rootDir: ./disco}
- {kind: io.l5d.rewrite, prefix: /rw, pattern: "/{service}/api/{version}", name: "/srv/{version}/{service}"}
routers:
- protocol: http
  label: int
  dtab: |
    /srv => /#/io.l5d.fs;
    /svc => /srv;
  servers: [{port: 0}]
- protocol: h2
  label: h2r
  servers: [{port: 0}]
`;

/** What was asked, in one line. */
function titleOf({ namespace, dtab, path, post, postContentType }: Recorded): string {
  if (post !== undefined) return `POST ${post} as ${postContentType}`;
  return [namespace === undefined ? "" : `${namespace}: `, dtab === undefined ? "" : `${dtab}, `, path].join("");
}

describe("names, as Linkerd 1.7.5 explains them", () => {
  let folder: TempFolder;
  let daemon: TestDaemon;
  before(async () => {
    folder = tempFolder({
      "fsdisco/one": "127.0.0.1 18101\n",
      "fsdisco/two": "127.0.0.1 18101\n127.0.0.1 18102\n",
      "fsdisco/dup": "127.0.0.1 18101\n127.0.0.1 18101\n",
      "disco/web": "127.0.0.1 18101\n",
    });
    daemon = await startDaemon(yaml, folder.path);
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  function ask({ namespace, dtab, path, post, postContentType }: Recorded): Promise<Response> {
    const url = new URL("/delegator.json", daemon.adminUrl);
    if (post !== undefined) {
      return fetch(url, { method: "POST", body: post, headers: { "content-type": postContentType ?? "" } });
    }
    for (const [key, value] of Object.entries({ namespace, dtab, path })) {
      if (value !== undefined) url.searchParams.set(key, value);
    }
    return fetch(url);
  }

  for (const record of recorded) {
    const title = titleOf(record);
    it(title === "" ? "nothing" : title, async () => {
      const response = await ask(record);
      const text = await response.text();
      const seen = { status: response.status, result: dataOf(text) };
      const was = { status: record.status, result: dataOf(record.result) };
      if (nameDifferences[title] === undefined) return assert.deepEqual(seen, was);
      assert.notDeepEqual(seen, was, "is the same now: take it off the list of differences");
      assert.ok(seen.status === 200 || seen.status === 400, `${seen.status} ${text}`);
    });
  }
});

function dataOf(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
