/** What V8's own threads may take from those that serve. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { spawnDaemon } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

const configuration = (workers: number): string =>
  `workers: ${workers}\nadmin: {port: 0}\nsources: {files: {files: .}}\nroutes: {"*": files/*}\nlisten: 0\n`;

/** `nice` is field 19 of a thread's `stat`; the second, its name, may hold blanks. */
function niceOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[16]);
}

function threadsOf(pid: number): readonly { readonly name: string; readonly nice: number }[] {
  return readdirSync(`/proc/${pid}/task`).map((id) => ({
    name: readFileSync(`/proc/${pid}/task/${id}/comm`, "latin1").trim(),
    nice: niceOf(readFileSync(`/proc/${pid}/task/${id}/stat`, "latin1")),
  }));
}

const skip = process.platform === "linux" ? false : "only Linux lets a thread be told alone";
for (const workers of [0, 2])
  it(
    `lets threads that compile and collect give way to those that serve, with ${workers} workers`,
    { skip },
    async () => {
      await using folder = tempFolder({ "linkspan.yaml": configuration(workers) });
      await using daemon = await spawnDaemon("linkspan.yaml", { cwd: folder.path });
      const threads = threadsOf(daemon.process.child.pid ?? 0);
      const helpers = threads.filter(({ name }) => name === "node-V8Worker");
      const others = threads.filter(({ name }) => name !== "node-V8Worker");
      assert.ok(helpers.length > 0 && helpers.every(({ nice }) => nice === 5), JSON.stringify(threads));
      assert.ok(others.length > workers && others.every(({ nice }) => nice === 0), JSON.stringify(threads));
    },
  );
