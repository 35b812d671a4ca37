import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { builtins } from "../../../src/builtins.ts";
import type { Config } from "../../../src/config/config.ts";
import { comparing, diffConfigs, type ObjectChange } from "../../../src/config/config-diff.ts";
import { parseConfig } from "../../../src/config/load.ts";

const parse = (text: string): Promise<Config> => parseConfig(text, { file: "a.yaml", baseDir: "/", builtins });

const base = `
namers:
- {kind: io.l5d.fs, rootDir: disco}
admin: {port: 0}
routers:
- protocol: http
  label: web
  dtab: |
    /svc => /#/io.l5d.fs ;
    /svc/users => /#/io.l5d.fs/users ;
  servers: [{port: 4140}]
- protocol: h2
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4142}]
`;

async function changes(after: string, before = base): Promise<readonly ObjectChange[]> {
  return diffConfigs(await parse(before), await parse(after));
}

const shown = (all: readonly ObjectChange[]): readonly string[] =>
  all.map(({ kind, name, change, keys, needsRestart }) => {
    const said = keys.map(({ key, before, after }) => `${key} ${JSON.stringify(before)} ${JSON.stringify(after)}`);
    return [change, kind, name, ...said, ...(needsRestart ? ["restart"] : [])].join(" ");
  });

test("how a file is written makes no difference: comments, order of keys, defaults that are spelled out", async () => {
  const same = base
    .replace("{kind: io.l5d.fs, rootDir: disco}", "{rootDir: disco, kind: io.l5d.fs, prefix: /io.l5d.fs}")
    .replace("servers: [{port: 4140}]", "servers: [{ip: 127.0.0.1, port: 4140}] # here")
    .replace("- protocol: http\n", "- protocol: http\n  bindingTimeoutMs: 10000\n  client: {connectTimeoutMs: 1000}\n");
  assert.deepEqual(await changes(same), []);
});

test("each object is told of by itself, with the keys that differ", async () => {
  const cases: readonly (readonly [from: string, to: string, ...expected: string[]])[] = [
    ["rootDir: disco", "rootDir: other", 'changed namer /#/io.l5d.fs config.rootDir "disco" "other"'],
    ["namers:\n", "namers:\n- {kind: io.l5d.fs, prefix: /b, rootDir: b}\n", "added namer /#/b"],
    ["port: 4140}", "port: 4141}", "removed server 127.0.0.1:4140", "added server 127.0.0.1:4141"],
    ["port: 4140}", "port: 4140, maxCallDepth: 7}", "changed server 127.0.0.1:4140 maxCallDepth 1000 7"],
    ["label: web", "label: web\n  client: {connectTimeoutMs: 9}", "changed client web base.connectTimeoutMs 1000 9"],
    ["label: web", "label: web\n  service: {totalTimeoutMs: 9}", "changed service web base.totalTimeoutMs undefined 9"],
    ["label: web", "label: web\n  bindingTimeoutMs: 9", "changed router web bindingTimeoutMs 10000 9"],
    ["port: 0", "port: 0\n  ip: 127.0.0.2", 'changed settings admin ip "127.0.0.1" "127.0.0.2"'],
    ["admin:", "log: {level: debug}\nadmin:", 'changed settings log level "info" "debug"'],
    ["admin:", "workers: 3\nadmin:", "changed settings workers  undefined 3 restart"],
    ["admin:", "snapshot: {path: x}\nadmin:", 'changed settings snapshot path undefined "x" restart'],
  ];
  for (const [from, to, ...expected] of cases) {
    const after = base.replace("admin: {port: 0}", "admin:\n  port: 0").replace(from, to);
    assert.deepEqual(shown(await changes(after)), expected, to);
  }
});

test("of a dtab the lines are told that came and went, and that their order changed", async () => {
  const line = "    /svc/users => /#/io.l5d.fs/users ;\n";
  assert.deepEqual(shown(await changes(base.replace(line, `${line}    /svc/x => /$/inet/1.1.1.1/1 ;\n`))), [
    'changed dtab web line undefined "/svc/x=>/$/inet/1.1.1.1/1"',
  ]);
  assert.deepEqual(shown(await changes(base.replace(line, ""))), [
    'changed dtab web line "/svc/users=>/#/io.l5d.fs/users" undefined',
  ]);
  const turned = base.replace(`    /svc => /#/io.l5d.fs ;\n${line}`, `${line}    /svc => /#/io.l5d.fs ;\n`);
  assert.deepEqual(shown(await changes(turned)), ["changed dtab web order of lines undefined undefined"]);
});

test("a line that is gone and the one that has come in its place are told beside each other", async () => {
  const users = base.replace("/svc/users => /#/io.l5d.fs/users ;", "/svc/users => /#/io.l5d.fs/others ;");
  assert.deepEqual(shown(await changes(users.replace("/svc => /#/io.l5d.fs ;", "/svc => /#/io.l5d.fs/a ;"))), [
    'changed dtab web line "/svc=>/#/io.l5d.fs" undefined line undefined "/svc=>/#/io.l5d.fs/a" ' +
      'line "/svc/users=>/#/io.l5d.fs/users" undefined line undefined "/svc/users=>/#/io.l5d.fs/others"',
  ]);
});

test("two thousand lines are compared in many pieces", async () => {
  const lines = (to: string): string =>
    Array.from({ length: 2_000 }, (_, at) => `    /svc/n${at} => /#/io.l5d.fs/${to} ;\n`).join("");
  const [a, b] = [await parse(base.replace("    /svc =>", `${lines("a")}    /svc =>`)), await parse(base)];
  let pieces = 0;
  const steps = comparing(a, b);
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) pieces++;
  assert.deepEqual(step.value, diffConfigs(a, b));
  assert.equal(step.value[0]?.keys.length, 2_000);
  assert.ok(pieces >= 80, `${pieces} pieces`);
});

test("a router that comes or goes is told with its servers", async () => {
  const one = base.slice(0, base.indexOf("- protocol: h2"));
  assert.deepEqual(shown(await changes(one)), ["removed router h2", "removed server 127.0.0.1:4142"]);
  assert.deepEqual(shown(await changes(base, one)), ["added router h2", "added server 127.0.0.1:4142"]);
});

test("the order of namers matters, since a later one stands before an earlier one", async () => {
  const two = (first: string, second: string): string =>
    base.replace(
      "- {kind: io.l5d.fs, rootDir: disco}",
      `- {kind: io.l5d.fs, prefix: ${first}, rootDir: x}\n- {kind: io.l5d.fs, prefix: ${second}, rootDir: x}`,
    );
  const [only, ...others] = await changes(two("/b", "/a"), two("/a", "/b"));
  assert.deepEqual([only?.kind, only?.name, only?.keys[0]?.key, others], ["settings", "namers", "order", []]);
});

test("a secret that changed is told of, and never shown", async () => {
  const consul = (token: string): string =>
    base.replace("{kind: io.l5d.fs, rootDir: disco}", `{kind: io.l5d.consul, token: ${token}}`);
  const all = await changes(consul("hunter-two"), consul("hunter-one"));
  assert.deepEqual(
    all.map(({ kind, change, keys }) => [kind, change, keys.length]),
    [["namer", "changed", 0]],
  );
  assert.doesNotMatch(JSON.stringify(await changes(consul("hunter-one"))), /hunter/);
});

test("the short form is compared by what it means", async () => {
  const short = (to: string): string => `sources: {disk: {files: ./disco}}\nroutes: {users: ${to}, web: disk/web}\n`;
  const after = short("disk/people");
  const all = await changes(after, short("disk/users"));
  assert.deepEqual(
    all.map(({ kind, change }) => [kind, change]),
    [["dtab", "changed"]],
  );
  assert.deepEqual(await changes(after, after), []);
});

test("there is nothing between a configuration and itself, and what comes one way goes the other", async () => {
  const router = fc.record({
    label: fc.constantFrom("a", "b", "c"),
    port: fc.integer({ min: 1000, max: 1010 }),
    dtab: fc.array(fc.constantFrom("/a=>/b;", "/b=>/c;", "/c=>/$/inet/1.1.1.1/1;"), { maxLength: 3 }),
    timeout: fc.integer({ min: 1, max: 3 }),
  });
  const file = fc.uniqueArray(router, { minLength: 1, maxLength: 3, selector: ({ label }) => label }).map((routers) =>
    JSON.stringify({
      admin: { port: 0 },
      routers: routers.map(({ label, port, dtab, timeout }, at) => ({
        protocol: "http",
        label,
        dtab: dtab.join(""),
        client: { connectTimeoutMs: timeout },
        servers: [{ port: port + at * 20 }],
      })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(file, file, async (one, other) => {
      const [a, b] = [await parse(one), await parse(other)];
      assert.deepEqual(diffConfigs(a, a), []);
      const names = (all: readonly ObjectChange[]): readonly string[] =>
        all.map(({ kind, name, change }) => `${kind} ${name} ${change}`).sort();
      const turned = diffConfigs(b, a).map((each): ObjectChange => {
        const change = { added: "removed", removed: "added", changed: "changed" } as const;
        return { ...each, change: change[each.change] };
      });
      assert.deepEqual(names(diffConfigs(a, b)), names(turned));
    }),
    { numRuns: 60 },
  );
});
