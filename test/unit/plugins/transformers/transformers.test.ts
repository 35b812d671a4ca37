import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { type Address, addressKey, AddressSet } from "../../../../src/base/address.ts";
import { Var } from "../../../../src/base/var.ts";
import { type AnyPluginOf, SchemaError } from "../../../../src/config/plugin.ts";
import { leaves, type NameTree } from "../../../../src/naming/name-tree.ts";
import type { Bound } from "../../../../src/naming/namer.ts";
import { transformTree } from "../../../../src/naming/transformer.ts";
import constant from "../../../../src/plugins/transformers/const.ts";
import localhost from "../../../../src/plugins/transformers/localhost.ts";
import port from "../../../../src/plugins/transformers/port.ts";
import replace from "../../../../src/plugins/transformers/replace.ts";
import specificHost from "../../../../src/plugins/transformers/specific-host.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { bound, now, showState } from "../../../fakes/naming-fixture.ts";

const context = testContext({ bind: (path) => Var.of(bound(path.show)) });
const hosts = (...addresses: readonly Address[]): Var<AddressSet> => Var.of(AddressSet.of(addresses));
const at = (host: string, more: Partial<Address> = {}): Address => ({ host, port: 8080, weight: 1, ...more });

async function made(plugin: AnyPluginOf<"transformer">, config: object, addresses: Var<AddressSet> = hosts()) {
  const transformer = await plugin.create(plugin.schema.parse(config) as never, context);
  const tree = now(transformTree(Var.of(bound("/#/x", "/r", addresses)), [transformer]));
  return { shown: showState(tree), addresses: tree.tag === "ok" ? addressesOf(tree.value) : [] };
}

function addressesOf(tree: NameTree<Bound>): readonly string[] {
  return leaves(tree).flatMap(({ addresses }) => {
    const state = now(addresses);
    return state.tag === "ok" ? state.value.addresses.map(addressKey) : [state.tag];
  });
}

test("io.l5d.port sends everything to one port, also what was registered for TLS, and merges what is then the same", async () => {
  const many = hosts(at("1.1.1.1", { tlsPort: 8443 }), at("1.1.1.1", { port: 9090 }), at("1.1.1.2", { weight: 2 }));
  const { shown, addresses } = await made(port, { port: 4141 }, many);
  assert.equal(shown, "/%/io.l5d.port/4141/#/x@/r");
  assert.deepEqual(addresses, ["1.1.1.1:4141", "1.1.1.2:4141"]);
});

test("io.l5d.localhost keeps the addresses of this machine's interfaces, and no others", async () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  const many = hosts(at("192.0.2.1"), at("somewhere.else"), at("localhost"), ...own.map((host) => at(host)));
  const { shown, addresses } = await made(localhost, {}, many);
  assert.equal(shown, "/%/io.l5d.localhost/#/x@/r");
  assert.deepEqual(addresses, [...own.map((host) => addressKey(at(host))), "localhost:8080"].sort());
});

test("io.l5d.specificHost keeps the addresses of one host, however that is written", async () => {
  const many = hosts(at("127.0.0.1"), at("127.0.0.2"));
  assert.deepEqual(await made(specificHost, { host: "127.1" }, many), {
    shown: "/%/io.l5d.specificHost/#/x@/r",
    addresses: ["127.0.0.1:8080"],
  });
  assert.deepEqual((await made(specificHost, { host: "localhost" }, many)).addresses, ["127.0.0.1:8080"]);
});

test("io.l5d.replace and io.l5d.const bind their own path, whose residual is what stays of that", async () => {
  assert.equal((await made(replace, { path: "/#/y" })).shown, "/%/io.l5d.replace/#/y@/");
  assert.equal((await made(constant, { path: "/#/y" })).shown, "/%/io.l5d.const/#/y@/");
});

test("every transformer's ids begin as its prefix says, where it says one", async () => {
  for (const [plugin, config] of [
    [port, { port: 1 }],
    [localhost, {}],
    [specificHost, { host: "127.0.0.1" }],
    [replace, { path: "/#/y" }],
    [constant, { path: "/#/y" }],
  ] as const) {
    const { shown } = await made(plugin, { ...config, prefix: "/here/it/is" });
    assert(shown.startsWith("/%/here/it/is/#/"), shown);
  }
});

test("a transformer says what is wrong with its settings", () => {
  const refused = (plugin: AnyPluginOf<"transformer">, config: object, says: RegExp): void =>
    assert.throws(
      () => plugin.schema.parse(config),
      (error) => error instanceof SchemaError && says.test(error.message),
    );
  refused(port, {}, /`port` is missing/);
  refused(port, { port: 70_000 }, /70000/);
  refused(specificHost, {}, /`host` is missing/);
  refused(replace, {}, /`path` is missing/);
  refused(localhost, { host: "x" }, /unknown key/);
});
