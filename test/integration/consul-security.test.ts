/** io.l5d.consul on real agents that ask who it is: tokens under a policy that denies by default, and certificates. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { consulNamer } from "../../namers/consul/index.ts";
import { Path } from "../../src/naming/path.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { ConsulRegistry } from "../fakes/consul-registry.ts";
import { letPass } from "../load/wait-until.ts";
import { authority } from "../servers/certificates.ts";
import { missingForConsul, startConsul } from "../servers/consul.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForConsul();
const users = Path.of("dc1", "users");
const instance = { id: "i-1", host: "127.0.0.1", port: 8001 };

interface Named extends AsyncDisposable {
  readonly isWell: boolean;
  /** Of its addresses, also while they are stale. */
  readonly ports: string | undefined;
  /** Why nothing is known, or why what is known is stale. */
  readonly cause: string | undefined;
}

/** `users`, by a namer that is configured as said. */
async function named(baseDir: string, keys: object): Promise<Named> {
  const config = consulNamer.schema.parse({ host: "127.0.0.1", useHealthCheck: true, ...keys });
  const namer = await consulNamer.create(config, testContext({ baseDir }));
  const followed = new FollowedName(namer.lookup(users));
  return {
    get isWell() {
      return followed.addresses?.value !== undefined && causeOf(followed) === undefined;
    },
    get ports() {
      return followed.addresses?.value?.addresses.map(({ port }) => port).join();
    },
    get cause() {
      return causeOf(followed);
    },
    async [Symbol.asyncDispose]() {
      followed[Symbol.dispose]();
      await namer[Symbol.asyncDispose]();
    },
  };
}

function causeOf({ tree: { state }, addresses }: FollowedName): string | undefined {
  if (state.tag === "failed") return state.cause.message;
  const inner = addresses?.state;
  const stale = (state.tag === "ok" ? state.stale : undefined) ?? (inner?.tag === "ok" ? inner.stale : undefined);
  return stale?.cause.message;
}

const untilWell = (name: Named): Promise<boolean> =>
  eventually("8001 is called", () => name.isWell && name.ports === "8001", 15_000);
const untilCause = (name: Named, cause: RegExp): Promise<boolean> =>
  eventually(`the cause is ${cause}`, () => cause.test(name.cause ?? ""), 15_000);

test("a token without rights fails, and one that lost them takes nothing away", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing)) return;
  const masterToken = randomUUID();
  await using agent = await startConsul({ masterToken });
  const registry = new ConsulRegistry(agent.port, masterToken);
  const [reader, nobody] = [randomUUID(), randomUUID()];
  const Rules = 'service "users" { policy = "read" } node_prefix "" { policy = "read" }';
  await registry.send("acl/policy", { Name: "reader", Rules });
  await registry.send("acl/token", { SecretID: reader, Policies: [{ Name: "reader" }] });
  await registry.send("acl/token", { SecretID: nobody });
  await registry.put("users", [instance]);
  using folder = tempFolder({ token: `${reader}\n` });

  await using anonymous = await named(folder.path, { port: agent.port });
  await untilCause(anonymous, /may not read the service users/);
  await using poor = await named(folder.path, { port: agent.port, token: nobody });
  await untilCause(poor, /may not read the service users/);
  await using unknown = await named(folder.path, { port: agent.port, token: randomUUID() });
  await untilCause(unknown, /answered 403 \(ACL not found\)/);

  await using name = await named(folder.path, { port: agent.port, tokenFile: "token" });
  await untilWell(name);
  for (const [token, cause] of [
    [randomUUID(), /answered 403/],
    [nobody, /may not read/],
  ] as const) {
    folder.write("token", token);
    // The file is looked at once a second; whoever waits asks anew when the service has changed.
    await letPass(1_200);
    await registry.put("users", [{ ...instance, weight: 2 }]);
    await registry.put("users", [instance]);
    await untilCause(name, cause);
    assert.equal(name.ports, "8001");
    assert.ok(!name.cause?.includes(token));
    folder.write("token", reader);
    await untilWell(name);
  }
});

test("an agent is trusted by its certificate, and knows the caller by its own", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing)) return;
  using trusted = authority();
  using other = authority("Other Root");
  const served = trusted.issue("agent", { commonName: "agent.example" });
  const shown = trusted.issue("linkspan", { commonName: "linkspan" });
  const { caPath } = trusted;
  await using agent = await startConsul({ tls: { caPath, ...served } });
  await new ConsulRegistry(agent.port).put("users", [instance]);
  const open = (tls: object): Promise<Named> =>
    named(trusted.folder.path, {
      port: agent.httpsPort,
      tls: { commonName: "agent.example", trustCertsBundle: "ca.crt", clientAuth: shown, ...tls },
    });

  await using name = await open({});
  await untilWell(name);
  await using uncertified = await open({ clientAuth: undefined });
  await untilCause(uncertified, /certificate|handshake|ECONNRESET|closed/i);
  await using misnamed = await open({ commonName: "other.example" });
  await untilCause(misnamed, /other\.example/);
  await using mistrusted = await open({ trustCertsBundle: other.caPath });
  await untilCause(mistrusted, /issuer|self.signed|unable to/i);
  for (const each of [uncertified, misnamed, mistrusted]) {
    assert.equal(each.ports, undefined);
    assert.ok(!each.cause?.includes(readFileSync(shown.keyPath, "utf8")));
  }
  await agent.restart();
  await new ConsulRegistry(agent.port).put("users", [{ ...instance, port: 8002 }]);
  await eventually("8002 is called", () => name.isWell && name.ports === "8002", 15_000);
});
