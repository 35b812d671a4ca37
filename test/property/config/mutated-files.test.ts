/** Whatever is done to a good file, reading it ends in a configuration or in errors with places in the file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../../src/config/config-error.ts";
import { showProblems } from "../../../src/config/problem-text.ts";
import { read } from "../../unit/config/read.ts";

const files = [
  `namers:\n- kind: io.l5d.fs\n  rootDir: ./disco\nrouters:\n- protocol: http\n  label: out\n  dtab: |\n    /srv => /#/io.l5d.fs ;\n    /svc => 1 * /srv & 2 * /x | ~ ;\n  servers:\n  - {port: 4140, ip: 0.0.0.0}\n  service: {kind: io.l5d.static, configs: [{prefix: /svc/*, totalTimeoutMs: 5}]}\n`,
  `sources: {zk: {zookeeper: "zk1:2181", path: /s}}\nlisten: 4140\nroutes:\n  a: [zk/a, 127.0.0.1:80]\n  b: {to: zk/b, timeout: 2s}\n  "*": zk/*\ntrust: [10.0.0.0/8]\n`,
  `{"routers": [{"protocol": "http", "dtab": "/svc => /#/io.l5d.fs;", "servers": [{"port": 4140}]}]}`,
];

const piece = fc.constantFrom(
  "",
  " ",
  "\n",
  "\t",
  ":",
  "- ",
  "[",
  "}",
  '"',
  "'",
  "|",
  "*",
  "&",
  "!",
  "#",
  "=>",
  "~",
  "0",
  "-1",
  "null",
  "\u0000",
  "é",
  "...",
  "---\n",
  "kind: x",
  "{a: b}",
);
const mutation = fc.record({ at: fc.nat(1000), remove: fc.nat(12), insert: piece });

test("a mutated file never crashes its reader", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      async (file, changes) => {
        const text = changes.reduce((current, { at, remove, insert }) => {
          const start = at % (current.length + 1);
          return current.slice(0, start) + insert + current.slice(start + remove);
        }, file);
        try {
          await read(text);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(error.problems.some(({ severity }) => severity === "error"));
          const lines = text.split("\n").length;
          for (const { line, column, length } of error.problems) {
            assert.ok(line >= 1 && line <= lines && column >= 1 && length >= 1);
          }
          assert.ok(showProblems(error.problems, "").length > 0);
        }
      },
    ),
    { numRuns: 400 },
  );
});
