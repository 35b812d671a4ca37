/** Callers that make up names cannot fill the memory, nor push out the names that others use. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { RawCaller } from "../fakes/raw-caller.ts";
import { startBackend } from "../load/backend.ts";
import { OpenLoad, failed } from "../load/open-load.ts";
import { startDaemon } from "./daemon.ts";
import { heapInUse } from "./heap.ts";
import { tempFolder } from "./temp-folder.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
const requests = isLong ? 1_000_000 : 100_000;
const routesKept = 500;
const configuration = `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: .}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  bindingCache: {paths: ${routesKept}}
  servers: [{port: 0}]
`;
const connections = 8;
const atOnce = 25;
const codeField = /linkspan-code: (\S+)/gi;

/** Sends `count` requests, each for a host that nobody asked for before; returns how often each code was answered. */
async function askForMadeUpNames(port: number, count: number, from: number): Promise<ReadonlyMap<string, number>> {
  using caller = await RawCaller.connect(port);
  const codes = new Map<string, number>();
  for (let sent = 0; sent < count; sent += atOnce) {
    let bytes = "";
    for (let at = 0; at < atOnce; at++) {
      const host = `made-up-${(from + sent + at).toString(36)}-${Math.floor(Math.random() * 2 ** 31).toString(36)}`;
      bytes += `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    }
    caller.got = "";
    caller.send(bytes);
    await caller.until(({ got }) => got.match(codeField)?.length === atOnce, 30_000);
    for (const [, code = ""] of caller.got.matchAll(codeField)) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return codes;
}

async function madeUpNames(port: number, count: number, from: number): Promise<ReadonlyMap<string, number>> {
  const each = Math.floor(count / connections);
  const all = await Promise.all(
    Array.from({ length: connections }, (_, at) => askForMadeUpNames(port, each, from + at * each)),
  );
  const sums = new Map<string, number>();
  for (const codes of all) for (const [code, n] of codes) sums.set(code, (sums.get(code) ?? 0) + n);
  return sums;
}

const linesOf = async (url: string): Promise<number> => (await (await fetch(url)).text()).split("\n").length;

it(
  `${requests} made-up names leave memory where it was, and known names are served`,
  { timeout: 900_000 },
  async () => {
    await using backend = await startBackend("known");
    using folder = tempFolder({ users: `127.0.0.1 ${backend.port}\n`, orders: `127.0.0.1 ${backend.port}\n` });
    await using daemon = await startDaemon(configuration, folder.path);
    await using load = new OpenLoad({ port: daemon.port, host: "users", perSecond: 50 });

    await madeUpNames(daemon.port, requests / 10, 0);
    const linesBefore = await linesOf(`${daemon.adminUrl}/metrics`);
    const before = await heapInUse();
    const codes = await madeUpNames(daemon.port, requests, requests);
    const after = await heapInUse();

    assert.deepEqual([...codes], [["name.negative", requests]]);
    const grown = (after - before) / 2 ** 20;
    assert.ok(grown < 8, `the heap grew by ${grown.toFixed(1)} MiB`);
    const state = (await (await fetch(`${daemon.adminUrl}/api/state?size=500`)).json()) as {
      routers: { totalRoutes: number }[];
      namers: { watches: unknown[] }[];
    };
    assert.ok((state.routers[0]?.totalRoutes ?? Infinity) <= routesKept, `${state.routers[0]?.totalRoutes} routes`);
    const linesAfter = await linesOf(`${daemon.adminUrl}/metrics`);
    assert.ok(linesAfter < linesBefore + 100, `${linesBefore} lines of metrics became ${linesAfter}`);

    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.ok(load.answers.length > 100, `only ${load.answers.length} requests for the known name`);
    assert.deepEqual(daemon.logged("bug"), []);
  },
);
