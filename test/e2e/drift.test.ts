// `linkspan drift` on a daemon with a mirror, and without one, with a file as source and Consul as target.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeConsul } from "../fakes/consul.ts";
import { waitUntil } from "../load/wait-until.ts";
import { runCli, spawnDaemon } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

interface Answer {
  readonly mirrors: readonly {
    readonly mirror: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly names: readonly { readonly instances: readonly { readonly class: string; readonly id: string }[] }[];
  }[];
}

const configuration = (consul: FakeConsul): string => `
admin: {port: 0}
routers:
- {protocol: http, dtab: /svc => /#/io.l5d.fs, servers: [{port: 0}]}
namers:
- {kind: io.l5d.fs, rootDir: disco}
- {kind: io.l5d.consul, host: 127.0.0.1, port: ${consul.port}, useHealthCheck: true}
mirrors:
- {name: users-to-consul, from: /#/io.l5d.fs/*, to: {kind: io.l5d.consul}, probe: false, interval: 200ms}
`;

test(
  "drift says what a mirror has not published, until it has, and sees one instance in two registries",
  { timeout: 60_000 },
  async () => {
    await using consul = await FakeConsul.start();
    using folder = tempFolder({ "disco/users": "127.0.0.1 8001\n127.0.0.1 8002\n" });
    const file = folder.write("linkspan.yaml", configuration(consul));
    const missing = await runCli(["drift", "--config", file, "--all", "--within", "0s", "--json"]);
    assert.equal(missing.code, 1, missing.err);
    assert.deepEqual((JSON.parse(missing.out) as Answer).mirrors[0]?.counts["missing"], 2);

    await using daemon = await spawnDaemon(file);
    await waitUntil("both are published", 20_000, () => consul.catalogue.instances("users", []).length === 2);
    const admin = ["--admin", `127.0.0.1:${daemon.adminPort}`];
    const same = await runCli(["drift", "--all", ...admin]);
    assert.equal(same.code, 0, same.out + same.err);
    assert.match(same.out, /users-to-consul +2 +0 +0 +0 +0 +0/);
    const unknown = await runCli(["drift", "other", ...admin]);
    assert.equal(unknown.code, 2);

    const paths = ["--from", "/#/io.l5d.fs/users", "--to", "/#/io.l5d.consul/dc1/users"];
    const mirrored = await runCli(["drift", "--config", file, ...paths, "--within", "0s", "--json"]);
    assert.equal(mirrored.code, 0, mirrored.out + mirrored.err);
    const native = { Node: "n", Address: "127.0.0.1", Service: { ID: "own", Service: "orders", Port: 9001 } };
    consul.catalogue.write([native]);
    folder.write("disco/orders", "127.0.0.1 9001\n");
    const orders = ["--from", "/#/io.l5d.fs/orders", "--to", "/#/io.l5d.consul/dc1/orders"];
    const twice = await runCli(["drift", "--config", file, ...orders, "--within", "0s", "--json"]);
    assert.equal((JSON.parse(twice.out) as Answer).mirrors[0]?.counts["dual"], 1, twice.out + twice.err);
  },
);
