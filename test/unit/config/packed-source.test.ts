import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { parseConfig, parsePacked } from "../../../src/config/load.ts";
import { packSource, unpackSource } from "../../../src/config/packed-source.ts";
import { readSource } from "../../../src/config/read-source.ts";

const text = `
namers: [{kind: io.l5d.fs, rootDir: 1.10}]
routers:
- protocol: http
  label: 010
  dtab: /svc => /#/io.l5d.fs ;
  servers: [{port: 010054}]
`;

test("the lines of a dtab are those of the file, in a block, folded, in quotes and in the short form", async () => {
  const dtabs = [
    "dtab: |\n    # first\n    /svc => /a ;\n\n    /a => /b ;",
    "dtab: >-\n    /svc => /a ;\n    /a => /b",
    'dtab: "/svc => /a ;\n    /a => /b"',
  ];
  const routed = (dtab: string): string => `routers:\n- protocol: http\n  ${dtab}\n  servers: [{port: 4140}]\n`;
  const short =
    "sources:\n  files: {files: ./a}\nroutes:\n  users: files/users\n  orders: [files/orders, files/old]\nlisten: 4140\n";
  for (const written of [...dtabs.map(routed), short]) {
    const config = await parseConfig(written, { file: "linkspan.yaml", baseDir: "/etc", builtins });
    const again = await parsePacked(structuredClone(packSource(config.source)), { baseDir: "/etc", builtins });
    const lines = ({ routers }: typeof config): unknown =>
      routers.map((router) => router.dtabPlaces.all.map(({ line }) => line));
    assert.deepEqual(lines(again), lines(config), written);
    assert.notDeepEqual(lines(config), [[1, 1]]);
  }
});

test("a file that was packed has the values and the letters that it had", () => {
  const { source } = readSource("linkspan.yaml", text);
  const back = unpackSource(structuredClone(packSource(source)));
  assert.deepEqual([back.file, back.value], ["linkspan.yaml", source.value]);
  const letters = [
    ["namers", 0, "rootDir"],
    ["routers", 0, "label"],
    ["routers", 0, "dtab"],
    ["routers", 0, "servers", 0, "port"],
  ];
  for (const at of letters) assert.equal(back.under([]).textAt?.(at), source.under([]).textAt?.(at), at.join());
});

for (const [form, written] of [
  ["a linkerd.yaml", text],
  ["the short form", 'sources: {files: {files: ./a}}\nroutes: {users: files/users, "*": files/*}\nlisten: 4140\n'],
  ["JSON", '{"routers": [{"protocol": "http", "label": 1.10, "servers": [{"port": 4140}]}]}'],
] as const) {
  test(`${form} that was packed means the same`, async () => {
    const config = await parseConfig(written, { file: "linkspan.yaml", baseDir: "/etc", builtins });
    const packed = structuredClone(packSource(config.source));
    const again = await parsePacked(packed, { baseDir: "/etc", builtins });
    const meant = (each: typeof config): unknown => ({
      ...each,
      source: undefined,
      expanded: undefined,
      registry: undefined,
      warnings: undefined,
      routers: each.routers.map((router) => ({ ...router, dtab: router.dtab.show })),
    });
    assert.deepEqual(JSON.stringify(meant(again)), JSON.stringify(meant(config)));
  });
}
