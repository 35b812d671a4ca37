import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceName } from "../../../../namers/kubernetes/service-name.ts";
import { onlyPort, wantedPort } from "../../../../namers/kubernetes/wanted-port.ts";
import { Path } from "../../../../src/naming/path.ts";

const rules = { namespace: undefined, hasLabel: false, keepsCase: false };

test("a name is read as namespace, port and service, and the rest is its residual", () => {
  const name = serviceName(Path.read("/Shop/HTTP/Users/V1"), rules);
  assert.deepEqual(
    [name?.namespace, name?.service, name?.port, name?.id.show, name?.residual.show],
    ["shop", "users", { tag: "name", name: "http" }, "/shop/http/users", "/V1"],
  );
  assert.equal(serviceName(Path.read("/Shop/HTTP/Users"), { ...rules, keepsCase: true })?.id.show, "/Shop/HTTP/Users");
});

test("what no Service can be called is none", () => {
  const paths = ["/shop/http", "/shop/http/-a", "/shop/a_b/users", "/../http/users", "/shop/http/a.b", "/shop/0/users"];
  for (const path of paths) assert.equal(serviceName(Path.read(path), rules), undefined, path);
});

test("a port is wanted by number, by name, or as the only one", () => {
  assert.deepEqual(wantedPort("80"), { tag: "number", number: 80 });
  assert.deepEqual(wantedPort("-"), { tag: "only", name: "http" });
  assert.deepEqual(wantedPort("-grpc"), { tag: "only", name: "grpc" });
  for (const odd of ["65536", "0", "--", "-a_", "a-", ""]) assert.equal(wantedPort(odd), undefined, odd);
});

test("of several ports the preferred one is taken, and without it all are listed", () => {
  assert.equal(onlyPort([], "http", "s"), undefined);
  assert.equal(onlyPort(["", ""], "http", "s"), "");
  assert.equal(onlyPort(["web", "http"], "http", "s"), "http");
  assert.throws(() => onlyPort(["web", ""], "http", "shop/s"), /shop\/s has several.*one without a name, web/);
});
