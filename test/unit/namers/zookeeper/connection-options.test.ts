import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { s } from "linkspan/plugin";
import { zkOptions } from "../../../../namers/zookeeper/connection-options.ts";
import { connection, readOnlyKey } from "../../../../namers/zookeeper/connection-schema.ts";
import { reveal } from "../../../../namers/zookeeper/session-state.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

const schema = s.object(connection);
const optionsOf = (keys: object, baseDir = "/") => zkOptions(schema.parse({ zkAddrs: "zk", ...keys }), baseDir);

test("a list of servers and a connect string are the same", () => {
  const zkAddrs = [{ host: "zk1" }, { host: "::1", port: 2182 }];
  assert.equal(optionsOf({ zkAddrs }).connectString, "zk1:2181,[::1]:2182");
  assert.equal(optionsOf({ zkAddrs: "zk1,zk2:2182/root" }).connectString, "zk1,zk2:2182/root");
});

test("a password is what its file holds at that moment, without the newline at its end", async () => {
  using folder = tempFolder({ password: "first\n" });
  const { sasl, auth = [] } = optionsOf(
    { sasl: { user: "u", passwordFile: "password" }, auth: [{ user: "a", passwordFile: "password" }] },
    folder.path,
  );
  assert.ok(sasl && auth[0]);
  assert.equal((await reveal(sasl.password)).reveal(), "first");
  writeFileSync(join(folder.path, "password"), "a:b \r\n");
  assert.equal((await reveal(auth[0].value)).reveal(), "a:a:b ");
  assert.equal(auth[0].scheme, "digest");
});

test("what TLS is made with is read anew each time; without `tls`, or with `enabled: false`, there is none", async () => {
  using folder = tempFolder({ "ca.pem": "roots", "c.pem": "leaf", "i.pem": "between", "k.pem": "key" });
  const clientAuth = { certPath: "c.pem", keyPath: "k.pem", intermediateCertsPath: "i.pem" };
  const { tls } = optionsOf({ tls: { trustCertsBundle: "ca.pem", clientAuth, commonName: "zk" } }, folder.path);
  const read = await tls?.();
  assert.deepEqual(read?.ca?.map(String), ["roots"]);
  assert.equal(String(read?.cert), "leaf\nbetween\n");
  assert.equal(String(read?.key), "key");
  assert.deepEqual([read?.name, read?.validates, read?.protocols], ["zk", true, []]);
  writeFileSync(join(folder.path, "ca.pem"), "newer");
  assert.deepEqual((await tls?.())?.ca?.map(String), ["newer"]);
  assert.equal(optionsOf({}).tls, undefined);
  assert.equal(optionsOf({ tls: { enabled: false } }).tls, undefined);
});

test("a server without a quorum will do only where that is said, or a plugin has it so", () => {
  assert.equal(optionsOf({}).readOnly, false);
  const lax = s.object({ ...connection, readOnly: readOnlyKey(true) });
  assert.equal(lax.parse({ zkAddrs: "zk" }).readOnly, true);
});
