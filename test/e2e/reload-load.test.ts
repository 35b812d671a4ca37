/** Hundreds of reloads under load, with names that come, go and are re-weighted: nobody fails, and nothing is left of them. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { grownHeaps, SoakedDaemon } from "../leaks/soaked-daemon.ts";
import { startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { freePort } from "../servers/free-port.ts";
import { tempFolder } from "./temp-folder.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
const RELOADS = isLong ? 1_000 : 40;
const PER_SECOND = 500;
const EVERY_MS = isLong ? 600 : 250;

/** The file before the first reload and after the last. */
const FIRST = 0;

/** Each file differs from the one before in its names and weights, some in what stacks and clusters are made of. */
function fileOf(turn: number, port: number): string {
  const names = Array.from({ length: turn % 7 }, (_, at) => `/svc/name-${turn + at} => /#/io.l5d.fs/b ;`);
  const weights = `/svc/x => ${1 + (turn % 5)} * /#/io.l5d.fs/a & ${1 + ((turn * 3) % 4)} * /#/io.l5d.fs/b ;`;
  const service = turn % 5 === 4 ? `\n  service: {totalTimeoutMs: ${20_000 + turn}}` : "";
  const client = turn % 11 === 10 ? `\n  client: {connectTimeoutMs: ${2_000 + turn}}` : "";
  const second = turn % 3 === 2 ? `, {port: ${port}}` : "";
  const namer = turn % 13 === 12 ? "\n- {kind: io.l5d.fs, prefix: /more, rootDir: disco}" : "";
  return `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: disco}${namer}
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token}
  bindingCache: {idleTtlSecs: 2}
  dtab: |
    ${[...names, weights].join("\n    ")}${service}${client}
  servers: [{port: 0}${second}]
`;
}

describe(`${RELOADS} reloads at ${PER_SECOND} requests a second`, () => {
  // To see that nothing is left takes a minute each.
  for (const workers of isLong ? [0, 1, 2] : [1]) {
    it(`fail nobody and leave nothing, with ${workers} workers`, { timeout: 900_000 }, async () => {
      await using a = await startBackend("a");
      await using b = await startBackend("b");
      const port = await freePort();
      using folder = tempFolder({
        "disco/a": `127.0.0.1 ${a.port}\n`,
        "disco/b": `127.0.0.1 ${b.port}\n`,
        "linkspan.yaml": fileOf(FIRST, port),
      });
      const file = join(folder.path, "linkspan.yaml");
      await using daemon = await SoakedDaemon.start(file, workers);
      const reload = async (turn: number): Promise<void> => {
        writeFileSync(file, fileOf(turn, port));
        const report = await daemon.reload();
        assert.equal(report.result, turn === FIRST ? "applied" : report.result, JSON.stringify(report));
        assert.notEqual(report.result, "refused", JSON.stringify(report));
      };
      const round = async (from: number, to: number): Promise<OpenLoad> => {
        await using load = new OpenLoad({ port: daemon.ports[0] ?? 0, host: "x", perSecond: PER_SECOND });
        await waitUntil("requests are answered", 5_000, () => load.answers.length > 100);
        for (let turn = from; turn < to; turn++) {
          await Promise.all([reload(turn), letPass(EVERY_MS)]);
        }
        await reload(FIRST);
        await load.stop();
        return load;
      };
      // Whatever is made once is there after this.
      await round(1, 16);
      const [before, heldBefore] = [await atRest(daemon), await daemon.resources()];

      const load = await round(16, 16 + RELOADS);

      const [after, heldAfter] = [await atRest(daemon), await daemon.resources()];
      assert.deepEqual(failed(load.answers), []);
      assert.ok(load.offeredShare > 0.9, `${load.offeredShare} of the load was sent`);
      assert.deepEqual(daemon.logged("bug"), []);
      assert.deepEqual(after.kinds, before.kinds);
      assert.deepEqual(after.series, before.series);
      assert.deepEqual(heldAfter.active, heldBefore.active);
      const heaps = grownHeaps(heldBefore, heldAfter);
      console.log(JSON.stringify({ workers, requests: load.answers.length, heapsMib: heaps }));
      assert.ok(Math.max(...heaps) < 2, `heaps grew by ${heaps.join(", ")} MiB`);
    });
  }
});

/** Until what reloads have replaced is closed, and nobody is connected. */
async function atRest(daemon: SoakedDaemon): Promise<Awaited<ReturnType<SoakedDaemon["inventory"]>>> {
  let last = await daemon.inventory();
  let since = performance.now();
  await waitUntil("what is open stays the same for as long as replaced servers are kept", 120_000, async () => {
    await letPass(1_000);
    const next = await daemon.inventory();
    const isSame = next.descriptors === last.descriptors && next.series.length === last.series.length;
    if (!isSame) since = performance.now();
    last = next;
    return performance.now() - since > 32_000;
  });
  return last;
}
