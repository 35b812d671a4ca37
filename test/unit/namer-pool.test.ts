import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Scope } from "../../src/base/scope.ts";
import { Var } from "../../src/base/var.ts";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { s } from "../../src/config/schema.ts";
import { NamerPool } from "../../src/namer-pool.ts";
import { neg } from "../../src/naming/name-tree.ts";
import { definePlugin } from "../../src/plugin.ts";
import { Memory } from "../../src/snapshot/memory.ts";
import { systemParts } from "../../src/system-parts.ts";

/** What was created and closed, in order, by the configuration of a namer. */
function scene() {
  const seen: string[] = [];
  const plugin = definePlugin({
    api: 1,
    family: "namer",
    kind: "test.counted",
    schema: s.object({ at: s.string() }),
    create: ({ at }) => {
      if (at === "nowhere") throw new Error("nothing is there");
      seen.push(`+${at}`);
      return {
        lookup: () => Var.of(neg),
        [Symbol.asyncDispose]: async () => void seen.push(`-${at}`),
      };
    },
  });
  const config = (namers: string) => {
    const text = `namers: [${namers}]\nrouters: [{protocol: http, servers: [{port: 0}]}]\n`;
    return parseConfig(text, { file: "a.yaml", baseDir: "/", builtins: [...builtins, plugin] });
  };
  const { world } = systemParts({ log: { level: "error" } }, () => undefined);
  const owner = new Scope();
  const pool = new NamerPool({ ...world, metrics: new MetricsRegistry() }, new Memory(), owner);
  const prepare = async (namers: string) => pool.prepare(await config(namers));
  const use = async (namers: string): Promise<boolean> => {
    const prepared = await prepare(namers);
    await prepared.commit().close();
    return prepared.sameTable;
  };
  return { seen, pool, prepare, use, owner };
}

const named = (prefix: string, at: string): string => `{kind: test.counted, prefix: ${prefix}, at: ${at}}`;

test("a namer that is the same goes on, wherever it stands in the file", async () => {
  const { seen, use, pool, owner } = scene();
  await use(`${named("/a", "x")}, ${named("/b", "y")}`);
  const [a] = pool.namers;
  assert.equal(await use(`${named("/a", "x")}, ${named("/b", "y")}`), true);
  assert.equal(await use(`${named("/b", "y")}, ${named("/a", "x")}`), false);
  assert.equal(pool.namers[1]?.namer, a?.namer);
  assert.deepEqual(seen, ["+x", "+y"]);
  await owner.close();
  assert.deepEqual(seen.slice(2).sort(), ["-x", "-y"]);
});

test("one whose settings changed is replaced behind its name, and interpreters go on asking the same", async () => {
  const { seen, use, pool, owner } = scene();
  await use(named("/a", "x"));
  const [before] = pool.namers;
  assert.equal(await use(named("/a", "z")), true);
  assert.equal(pool.namers[0]?.namer, before?.namer);
  assert.deepEqual(seen, ["+x", "+z", "-x"]);
  await owner.close();
  assert.deepEqual(seen, ["+x", "+z", "-x", "-z"]);
});

test("one that is gone is closed when nobody asks it any more", async () => {
  const { seen, prepare, use, owner } = scene();
  await use(`${named("/a", "x")}, ${named("/b", "y")}`);
  const replaced = (await prepare(named("/a", "x"))).commit();
  assert.deepEqual(seen, ["+x", "+y"]);
  await replaced.close();
  assert.deepEqual(seen, ["+x", "+y", "-y"]);
  await owner.close();
});

test("what is cancelled, or cannot be opened, leaves what was there", async () => {
  const { seen, prepare, use, pool, owner } = scene();
  await use(named("/a", "x"));
  const { namers } = pool;
  await (await prepare(`${named("/a", "z")}, ${named("/b", "y")}`)).cancel();
  assert.deepEqual(seen.toSorted(), ["+x", "+y", "+z", "-y", "-z"]);
  await assert.rejects(prepare(`${named("/a", "w")}, ${named("/c", "nowhere")}`), /nothing is there/);
  assert.deepEqual(seen.slice(5).sort(), ["+w", "-w"]);
  assert.equal(pool.namers[0]?.namer, namers[0]?.namer);
  await owner.close();
});
