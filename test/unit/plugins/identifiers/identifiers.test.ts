import assert from "node:assert/strict";
import { test } from "node:test";
import { type Exchange, type HttpVersion, Layout } from "../../../../src/http/exchange.ts";
import type { Identifier } from "../../../../src/router/identifier.ts";
import header from "../../../../src/plugins/identifiers/header.ts";
import headerPath from "../../../../src/plugins/identifiers/header-path.ts";
import headerToken from "../../../../src/plugins/identifiers/header-token.ts";
import host from "../../../../src/plugins/identifiers/host.ts";
import methodAndHost from "../../../../src/plugins/identifiers/method-and-host.ts";
import path from "../../../../src/plugins/identifiers/path.ts";
import fixed from "../../../../src/plugins/identifiers/static.ts";
import { testContext } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

interface Request {
  readonly method?: string;
  readonly target?: string;
  readonly version?: HttpVersion;
  readonly headers?: Record<string, string>;
}

function request({ method = "GET", target = "/", version = 11, headers = {} }: Request): Exchange {
  const x = exchangeOf(new Layout(), Object.entries(headers), method);
  x.request.target = target;
  x.request.version = version;
  return x;
}

/** The name that the identifier gives, or why it gives none. */
function name(identifier: Identifier, given: Request): string {
  const x = request(given);
  return identifier.key(x) === undefined ? `not: ${identifier.reason}` : identifier.path(x).show;
}

/** Each plugin made as the linker makes it, from what stands in the file. */
const make = {
  token: (config: object = {}) => headerToken.create(headerToken.schema.parse(config), testContext()),
  header: (config: object = {}) => header.create(header.schema.parse(config), testContext()),
  headerPath: (config: object = {}) => headerPath.create(headerPath.schema.parse(config), testContext()),
  host: () => host.create(host.schema.parse({}), testContext()),
  methodAndHost: (config: object = {}) => methodAndHost.create(methodAndHost.schema.parse(config), testContext()),
  path: (config: object = {}) => path.create(path.schema.parse(config), testContext()),
  fixed: (config: object) => fixed.create(fixed.schema.parse(config), testContext()),
} as const;

const identifier = async (made: Identifier | Promise<Identifier>): Promise<Identifier> => made;

test("header.token takes the Host as it stands, with case and port", async () => {
  const token = await identifier(make.token());
  assert.equal(name(token, { headers: { Host: "Example.com:8080" } }), "/svc/Example.com:8080");
  assert.equal(name(token, { headers: { host: "a b" } }), "/svc/\\x61\\x20\\x62");
  assert.equal(name(token, {}), "not: Host header is absent");
  assert.equal(name(token, { headers: { Host: "" } }), "not: Host header is absent");
});

test("header.token takes another header where one is given", async () => {
  const token = await identifier(make.token({ header: "X-Svc" }));
  assert.equal(name(token, { headers: { "x-svc": "users", Host: "no" } }), "/svc/users");
  assert.equal(name(token, { headers: { Host: "no" } }), "not: X-Svc header is absent");
});

test("header reads its value as a path, and throws where it is none", async () => {
  const byHeader = await identifier(make.header());
  assert.equal(name(byHeader, { headers: { "l5d-name": "/a/b" } }), "/svc/a/b");
  assert.equal(name(byHeader, {}), "not: l5d-name header is absent");
  assert.throws(() => name(byHeader, { headers: { "l5d-name": "a b" } }));
});

test("methodAndHost has the version, the method and the host in lower case", async () => {
  const byHost = await identifier(make.methodAndHost());
  assert.equal(name(byHost, { headers: { Host: "Users:80" } }), "/svc/1.1/GET/users:80");
  assert.equal(name(byHost, { method: "POST", version: 10, headers: { Host: "x" } }), "/svc/1.0/POST");
  assert.equal(name(byHost, {}), "not: HTTP/1.1 request missing hostname");
});

test("methodAndHost has the same key for what differs in case alone, however long, and another for all else", async () => {
  const byHost = await identifier(make.methodAndHost());
  const key = (method: string, host: string): string | undefined => byHost.key(request({ method, headers: { host } }));
  const long = "a".repeat(300);
  for (let round = 0; round < 2; round++) {
    assert.equal(key("GET", "A.example"), "1.1 GET a.example");
    assert.equal(key("GET", "a.example"), "1.1 GET a.example");
    assert.equal(key("PUT", "a.example"), "1.1 PUT a.example");
    assert.equal(key("GET", long.toUpperCase()), `1.1 GET ${long}`);
  }
  const keys = new Set(Array.from({ length: 1000 }, (_, at) => key("GET", `host-${at}`)));
  assert.equal(keys.size, 1000);
  for (let at = 0; at < 1000; at++) assert.equal(key("GET", `host-${at}`), `1.1 GET host-${at}`);
});

test("methodAndHost appends the target's segments where it is told to", async () => {
  const byUri = await identifier(make.methodAndHost({ httpUriInDst: true }));
  assert.equal(name(byUri, { target: "/a/b/?q=/c", headers: { Host: "h" } }), "/svc/1.1/GET/h/a/b");
  assert.equal(name(byUri, { target: "/a", version: 10 }), "/svc/1.0/GET/a");
});

test("path takes the first segments, and leaves the target as it is", async () => {
  const byPath = await identifier(make.path({ segments: 2 }));
  assert.equal(name(byPath, { target: "/a/b/c?x=1" }), "/svc/a/b");
  assert.equal(name(byPath, { target: "/a/b" }), "/svc/a/b");
  for (const target of ["/", "/a", "/a/", "/a?/b", "//b", "*", "host:80"]) {
    assert.equal(name(byPath, { target }), "not: not enough segments in path", target);
  }
});

test("path with consume takes the segments off, and keeps the slash and the query", async () => {
  const consuming = await identifier(make.path({ consume: true }));
  for (const [target, left] of [
    ["/users", "/"],
    ["/users/", "/"],
    ["/users?x=1", "/?x=1"],
    ["/users/a/", "/a/"],
    ["/users/a/b?x=/y", "/a/b?x=/y"],
    ["/users//a", "//a"],
  ] as const) {
    const x = request({ target });
    assert.equal(consuming.key(x), "users");
    assert.equal(consuming.path(x).show, "/svc/users");
    assert.equal(x.request.target, left, target);
  }
});

test("static names every request the same", async () => {
  const same = await identifier(make.fixed({ path: "/a/b" }));
  assert.equal(name(same, {}), "/svc/a/b");
  assert.throws(() => fixed.schema.parse({}));
  assert.throws(() => fixed.schema.parse({ path: "no path" }));
});

test("host has neither case nor port", async () => {
  const byHost = await identifier(make.host());
  assert.equal(name(byHost, { headers: { Host: "Users:4140" } }), "/svc/users");
  assert.equal(name(byHost, { headers: { Host: "users" } }), "/svc/users");
  assert.equal(name(byHost, { headers: { Host: "[::1]" } }), "/svc/\\x5b\\x3a\\x3a\\x31\\x5d");
  assert.equal(name(byHost, { headers: { Host: "[::1]:80" } }), "/svc/\\x5b\\x3a\\x3a\\x31\\x5d");
  assert.equal(name(byHost, {}), "not: Host header is absent");
  assert.equal(name(byHost, { headers: { Host: ":80" } }), "not: Host header is absent");
});

test("header.token knows the fields that HTTP/2 writes with a colon", async () => {
  const given = { method: "POST", target: "/pkg.Greeter/Hello", headers: { host: "users:80" } };
  const token = async (header: string): Promise<string> => name(await identifier(make.token({ header })), given);
  assert.equal(await token(":authority"), "/svc/users:80");
  assert.equal(await token(":method"), "/svc/POST");
  assert.equal(await token(":scheme"), "/svc/http");
  assert.equal(
    await token(":path"),
    "/svc/\\x2f\\x70\\x6b\\x67\\x2e\\x47\\x72\\x65\\x65\\x74\\x65\\x72\\x2f\\x48\\x65\\x6c\\x6c\\x6f",
  );
  assert.equal(await token(":other"), "not: :other header is absent");
  assert.equal(name(await identifier(make.token({ header: ":authority" })), {}), "not: :authority header is absent");
});

test("header.path takes the leading segments of a path, without the query and one slash at its end", async () => {
  const all = await identifier(make.headerPath());
  assert.equal(name(all, { target: "/pkg.Greeter/Hello" }), "/svc/pkg.Greeter/Hello");
  assert.equal(name(all, { target: "/a/b/?q=/c" }), "/svc/a/b");
  assert.equal(name(all, { target: "/" }), "not: :path has no path");
  assert.equal(name(all, { target: "*" }), "not: :path has no path");
  const one = await identifier(make.headerPath({ segments: 1 }));
  assert.equal(name(one, { target: "/pkg.Greeter/Hello" }), "/svc/pkg.Greeter");
  assert.equal(name(one, { target: "/" }), "not: :path has no path of 1 segments");
  const two = await identifier(make.headerPath({ segments: 2 }));
  assert.equal(name(two, { target: "/a/b/c?d" }), "/svc/a/b");
  assert.equal(name(two, { target: "/a/" }), "not: :path has no path of 2 segments");
  const other = await identifier(make.headerPath({ header: "X-Name", segments: 1 }));
  assert.equal(name(other, { headers: { "x-name": "/users/7" } }), "/svc/users");
  assert.equal(name(other, {}), "not: x-name has no path of 1 segments");
});

test("header.path throws where what stands there is no path", async () => {
  const all = await identifier(make.headerPath());
  assert.throws(() => name(all, { target: "//a" }));
  assert.throws(() => name(all, { target: "/a//b" }));
});
