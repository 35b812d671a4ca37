/** Which proxy leads to an API server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyFromEnvironment, readProxy } from "../../../../namers/kubernetes/access-proxy.ts";

const at = (host: string, port = 6443, isSecure = true) => ({ host, port, isSecure });

test("a proxy is read from its URL, and its login with it", () => {
  const proxy = readProxy("http://ann:p%40ss@proxy.test:3128", "`proxy-url`");
  assert.deepEqual([proxy.host, proxy.port], ["proxy.test", 3128]);
  assert.equal(proxy.authorization?.reveal(), `Basic ${Buffer.from("ann:p@ss").toString("base64")}`);
  assert.deepEqual(readProxy("proxy.test", "x"), {
    host: "proxy.test",
    port: 80,
    isSecure: false,
    authorization: undefined,
  });
  assert.deepEqual(readProxy("http://[::1]:8080/", "x"), {
    host: "::1",
    port: 8080,
    isSecure: false,
    authorization: undefined,
  });
});

test("a proxy may be spoken to over TLS", () => {
  const proxy = readProxy("https://proxy.test", "x");
  assert.deepEqual([proxy.port, proxy.isSecure], [443, true]);
});

test("what is no HTTP proxy is refused without its password", () => {
  const socks = (): unknown => readProxy("socks5://ann:secret@proxy.test", "`proxy-url`");
  assert.throws(socks, { message: "`proxy-url` is a proxy of socks5; it must be one of http or https" });
  assert.throws(() => readProxy("http://ann:secret@", "HTTPS_PROXY"), { message: "HTTPS_PROXY is no URL" });
});

test("the environment's proxy is that of the server's scheme, in upper case or lower", () => {
  const env = { HTTPS_PROXY: "http://secure.test:1", http_proxy: "plain.test:2" };
  assert.equal(proxyFromEnvironment(at("api.test"), env)?.host, "secure.test");
  assert.equal(proxyFromEnvironment(at("api.test", 80, false), env)?.host, "plain.test");
  assert.equal(proxyFromEnvironment(at("api.test"), {}), undefined);
  assert.equal(proxyFromEnvironment(at("api.test"), { HTTPS_PROXY: "" }), undefined);
});

const exempt: readonly (readonly [host: string, entries: string, isExempt: boolean])[] = [
  ["api.test", "*", true],
  ["api.test", "test", true],
  ["api.test", "api.test", true],
  ["API.test.", " other, Api.Test ", true],
  ["xapi.test", "api.test", false],
  ["a.api.test", "api.test", true],
  ["a.api.test", ".api.test", true],
  ["api.test", ".api.test", false],
  ["a.api.test", "*.api.test", true],
  ["api.test", "*.api.test", false],
  ["api.test", "api.test:6443", true],
  ["api.test", "api.test:443", false],
  ["10.1.2.3", "10.0.0.0/8", true],
  ["11.1.2.3", "10.0.0.0/8", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "10.1.2.3:6443", true],
  ["10.1.2.3", "10.1.2.3/33", false],
  ["fd00::1", "fd00::/8", true],
  ["fd00::1", "[fd00::1]:6443", true],
  ["fd00::1", "fd00::2", false],
  ["api.test", "10.0.0.0/8,,", false],
  ["localhost", "", true],
  ["127.0.0.9", "", true],
  ["::1", "", true],
];

for (const [host, entries, isExempt] of exempt) {
  test(`NO_PROXY=${entries} ${isExempt ? "exempts" : "does not exempt"} ${host}`, () => {
    const env = { https_proxy: "http://proxy.test", no_proxy: entries };
    assert.equal(proxyFromEnvironment(at(host), env) === undefined, isExempt);
  });
}
