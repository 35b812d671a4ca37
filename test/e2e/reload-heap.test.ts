/** What reloads of a long file leave behind while what was replaced by them is still closing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "../../src/index.ts";
import type { ReloadReport } from "../../src/reload/report.ts";
import { heapInUse } from "./heap.ts";
import { tempFolder } from "./temp-folder.ts";

const LINES = 5_000;
const RELOADS = 6;
const MIB = 2 ** 20;

function fileOf(turn: number): string {
  const lines = Array.from({ length: LINES }, (_, at) => `/svc/n${at} => /$/inet/127.0.0.1/${1 + at + turn} ;`);
  return `admin: {port: 0}\nrouters:\n- protocol: http\n  dtab: |\n    ${lines.join("\n    ")}\n  servers: [{port: 0}]\n`;
}

test("files of thousands of lines that were replaced one after the other are not kept beside the one that runs", async () => {
  using folder = tempFolder({ "linkspan.yaml": fileOf(0) });
  const file = `${folder.path}/linkspan.yaml`;
  const daemon = await start({ file, workers: 0, watch: false, writeLog: () => undefined });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => daemon.close());
  const reload = async (turn: number): Promise<void> => {
    folder.write("linkspan.yaml", fileOf(turn));
    const response = await fetch(`http://127.0.0.1:${daemon.admin.port}/admin/reload`, { method: "POST" });
    assert.equal(((await response.json()) as ReloadReport).result, "applied");
  };
  await reload(1);
  const before = await heapInUse();

  for (let turn = 2; turn < 2 + RELOADS; turn++) await reload(turn);

  const grown = ((await heapInUse()) - before) / MIB;
  assert.ok(grown < 4, `the heap grew by ${grown.toFixed(1)} MiB`);
});
