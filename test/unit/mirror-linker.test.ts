import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import type { Instance } from "../../src/base/instance.ts";
import { silentLog } from "../../src/base/log.ts";
import { Var } from "../../src/base/var.ts";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { assertLists, mirrorParts } from "../../src/mirror-linker.ts";
import type { Namer } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { systemParts } from "../../src/system-parts.ts";

const instance = (id: string, more: Partial<Instance> = {}): Instance => ({
  id,
  host: `10.0.0.${id}`,
  port: 80,
  weight: 1,
  ready: true,
  ...more,
});

async function partsOf(lines: string, gateway?: { host: string; port: number }) {
  const text = `namers: [{kind: io.l5d.fs, rootDir: .}]\nmirrors:\n- name: m\n  from: /#/io.l5d.fs/users\n  to: {kind: io.l5d.curator, zkAddrs: "zk1:2181", path: /s}\n${lines}`;
  const config = await parseConfig(text, { file: "a.yaml", baseDir: "/", builtins });
  const [mirror] = config.mirrors;
  const [source] = config.namers;
  assert.ok(mirror !== undefined && source !== undefined);
  const { world } = systemParts({ log: { level: "error" } }, () => undefined);
  const opened = {} as never;
  return mirrorParts(mirror, {
    source,
    namer: opened,
    announcer: opened,
    member: "one",
    gateway,
    world: { ...world, log: silentLog, metrics: new MetricsRegistry() },
  });
}

test("what a file says of a mirror is what the mirror is made of", async () => {
  const parts = await partsOf(
    "  publish: 1/4\n  payload: {template: {a: 1}}\n  cycles: 5\n  deleteCap: 0.5\n  minAge: 3s\n",
  );
  assert.equal(parts.source.path.show, "/users");
  assert.deepEqual(parts.source.origin, { registry: "fs", cluster: "io.l5d.fs" });
  assert.deepEqual(parts.owner, { group: "m", member: "one" });
  const { publish, payload, cycles, deletionShare, settleMs, cycleMs } = parts.rules ?? {};
  assert.deepEqual(publish, { take: 1, of: 4 });
  assert.deepEqual(payload, { kind: "template", template: { a: 1 } });
  assert.deepEqual([cycles, deletionShare, settleMs, cycleMs], [5, 0.5, 3_000, 10_000]);
  assert.equal(parts.address, undefined);
  assert.notEqual(parts.probe, undefined);
  assert.equal((await partsOf("  probe: false\n")).probe, undefined);
});

test("a gateway is one entry, ready while one instance is, and none where the source has none", async () => {
  const { address } = await partsOf("  address: gateway\n", { host: "10.0.0.9", port: 4151 });
  const placed = (instances: readonly Instance[]) => address?.(instances, Path.read("/users"));
  assert.deepEqual(placed([instance("1"), instance("2", { ready: false })])?.instances, [
    { id: "gateway", host: "10.0.0.9", port: 4151, weight: 1, ready: true },
  ]);
  assert.equal(placed([instance("2", { ready: false })])?.instances[0]?.ready, false);
  assert.deepEqual(placed([]), { instances: [], unplaced: [] });
  const nowhere = (await partsOf("  address: gateway\n")).address?.([instance("1")], Path.read("/users"));
  assert.deepEqual(nowhere, {
    instances: [],
    unplaced: [{ id: "1", cause: "no server listens at a port that is known here" }],
  });
});

test("a node's port is what the source says of it, and what it does not say is told", async () => {
  const { address } = await partsOf("  address: nodePort\n");
  const placed = address?.(
    [instance("1", { meta: { nodePort: "[fd00::1]:30080" }, tlsPort: 8443 }), instance("2")],
    Path.empty,
  );
  assert.deepEqual(
    placed?.instances.map(({ host, port, tlsPort }) => [host, port, tlsPort]),
    [["fd00::1", 30_080, undefined]],
  );
  assert.deepEqual(placed.unplaced, [{ id: "2", cause: "its registry does not say its nodePort" }]);
});

test("a namer that turns out to list nothing is told by the mirror and its kind", async () => {
  const config = await parseConfig(
    `namers: [{kind: io.l5d.fs, rootDir: .}]\nmirrors: [{name: m, from: /#/io.l5d.fs/*, to: {kind: io.l5d.curator, zkAddrs: "zk1:2181", path: /s}}]\n`,
    { file: "a.yaml", baseDir: "/", builtins },
  );
  const [mirror] = config.mirrors;
  assert.ok(mirror);
  const list = () => Var.of([]);
  const asserted = (namer: object) => () => assertLists(mirror, { kind: "com.acme.cmdb", namer: namer as Namer });
  assert.throws(asserted({}), /the mirror m cannot be opened: com\.acme\.cmdb cannot list instances/);
  assert.throws(asserted({ instances: list }), /com\.acme\.cmdb cannot list names/);
  assert.doesNotThrow(asserted({ instances: list, names: list }));
});
