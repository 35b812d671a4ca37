// DNS, Nomad and Marathon under a daemon: whoever starts first, and while the registry is away.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { FakeDnsServer } from "../fakes/dns-server.ts";
import { FakeMarathon } from "../fakes/marathon.ts";
import { FakeNomad } from "../fakes/nomad.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";

/** A registry that knows where `users` is. */
interface Registry extends AsyncDisposable {
  /** The entry in `namers`, without its prefix. */
  readonly namer: string;
  readonly element: string;
  up(): Promise<void>;
  down(): Promise<void>;
}

async function dnsWith(port: number): Promise<Registry> {
  const dns = await FakeDnsServer.start();
  dns.hosts.set("here.test", ["127.0.0.1"]);
  dns.services.set("_http._tcp.users.test", [{ target: "here.test", port }]);
  return {
    namer: `kind: io.l5d.dnssrv, dnsHosts: ["127.0.0.1:${dns.port}"], refreshIntervalSeconds: 1`,
    element: "_http._tcp.users.test.",
    up: () => dns.up(),
    down: () => dns.down(),
    [Symbol.asyncDispose]: () => dns.down(),
  };
}

async function behindProxy(
  server: AsyncDisposable & { readonly port: number },
  namer: (port: number) => string,
): Promise<Registry> {
  const proxy = await CutProxy.before(server.port);
  return {
    namer: namer(proxy.port),
    element: "users",
    up: () => proxy.mend(),
    down: () => proxy.cut(),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function nomadWith(port: number): Promise<Registry> {
  const nomad = await FakeNomad.start();
  nomad.set("users", [{ ID: "i-1", Address: "127.0.0.1", Port: port }]);
  return behindProxy(nomad, (at) => `kind: linkspan.nomad, host: 127.0.0.1, port: ${at}`);
}

async function marathonWith(port: number): Promise<Registry> {
  const marathon = await FakeMarathon.start();
  marathon.apps.set("/users", { tasks: [{ id: "t-1", host: "127.0.0.1", ports: [port] }] });
  return behindProxy(marathon, (at) => `kind: io.l5d.marathon, host: 127.0.0.1, port: ${at}, ttlMs: 100`);
}

const registries = { DNS: dnsWith, Nomad: nomadWith, Marathon: marathonWith };

const configuration = ({ namer, element }: Registry): string => `
admin: {port: 0}
namers:
- {${namer}, prefix: /registry, whenUnreachable: fail}
routers:
- protocol: http
  dtab: /svc/users => /#/registry/${element}
  servers: [{port: 0}]
`;

for (const [name, open] of Object.entries(registries)) {
  describe(name, { timeout: 60_000 }, () => {
    it("a daemon that starts before its registry answers 503, and serves within two seconds of its start", async () => {
      await using backend = await startBackend("users");
      await using registry = await open(backend.port);
      await registry.down();
      await using daemon = await startDaemon(configuration(registry));
      const ask = () => askOnce({ port: daemon.port, host: "users" });
      assert.equal((await ask()).status, 503);
      await registry.up();
      await waitUntil("served", 2_000, async () => (await ask()).status === 200);
    });

    it("requests are served while the registry is away, and it is missed once", async () => {
      await using backend = await startBackend("users");
      await using registry = await open(backend.port);
      await using daemon = await startDaemon(configuration(registry));
      const ask = () => askOnce({ port: daemon.port, host: "users" });
      assert.equal((await ask()).status, 200);
      await registry.down();
      await waitUntil("stale", 10_000, () => daemon.logged("namer.stale").length > 0);
      for (let n = 0; n < 50; n++) assert.equal((await ask()).status, 200);
      await registry.up();
      await waitUntil("recovered", 10_000, () => daemon.logged("namer.recovered").length > 0);
      const stale = daemon.logged("namer.stale").filter(({ level }) => level !== "debug");
      assert.equal(stale.length, 1);
    });
  });
}
