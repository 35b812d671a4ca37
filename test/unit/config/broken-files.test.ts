/** One mistake each: the error must point at its line, and say what was meant. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf, read } from "./read.ts";

const linkerd = `admin:
  ip: 127.0.0.1
  port: 9990
usage:
  enabled: false
namers:
- kind: io.l5d.fs
  rootDir: ./disco
- kind: io.l5d.curator
  prefix: /zk
  basePath: /services
  zkAddrs:
  - host: zk1
    port: 2181
routers:
- protocol: http
  label: out
  dstPrefix: /svc
  dtab: |
    /srv => /#/io.l5d.fs ;
    /svc => /#/zk | /srv ;
  identifier:
    kind: io.l5d.header.token
  bindingTimeoutMs: 10000
  bindingCache:
    paths: 100
  servers:
  - port: 4140
    ip: 0.0.0.0
  client:
    loadBalancer:
      kind: ewma
      decayTimeMs: 10000
    failureAccrual:
      kind: io.l5d.consecutiveFailures
      failures: 5
    requestAttemptTimeoutMs: 1000
  service:
    totalTimeoutMs: 5000
    retries:
      budget:
        percentCanRetry: 0.2
      backoff:
        kind: jittered
        minMs: 10
        maxMs: 100
    responseClassifier:
      kind: io.l5d.http.retryableRead5XX
`;

const short = `sources:
  zk: {zookeeper: "zk1:2181,zk2:2181/chroot", path: /services}
  files: {files: ./disco}
listen: 4140
routes:
  users: zk/users
  orders: [files/orders, zk/orders]
  cart: {files/cart: 10, zk/cart: 90}
  mail: {to: zk/mail, timeout: 2s, retries: 2}
  "*": zk/*
trust: [10.0.0.0/8]
guard: {hold: 30s, name: 0.5, source: 0.2}
`;

interface Mistake {
  readonly name: string;
  readonly base?: string;
  readonly from: string;
  readonly to: string;
  /** What the line of the error must hold; the changed line if it is not said. */
  readonly at?: string;
  /** Part of the message, of what was expected, or of what was meant. */
  readonly says: string;
}

const mistakes: readonly Mistake[] = [
  { name: "an unknown top-level key", from: "namers:", to: "namer:", says: "namers" },
  { name: "a key in the wrong case", from: "routers:", to: "Routers:", says: "routers" },
  { name: "an unknown router key", from: "  dstPrefix:", to: "  dstPrefx:", says: "dstPrefix" },
  { name: "an unknown server key", from: "    ip: 0.0.0.0", to: "    ipp: 0.0.0.0", says: "ip" },
  { name: "an unknown key of a plugin", from: "  rootDir:", to: "  rootdir:", says: "rootDir" },
  { name: "an unknown key of a balancer", from: "decayTimeMs", to: "decayTimMs", says: "decayTimeMs" },
  { name: "an unknown cache key", from: "    paths: 100", to: "    path: 100", says: "paths" },
  { name: "a host name for an ip", from: "  ip: 127.0.0.1", to: "  ip: localhost", says: "IP address" },
  { name: "a quoted port", from: "  - port: 4140", to: '  - port: "4140"', says: "take the quotes away" },
  { name: "a port that is too large", from: "  - port: 4140", to: "  - port: 65536", says: "65535" },
  { name: "a port with a fraction", from: "  - port: 4140", to: "  - port: 4140.7", says: "whole number" },
  { name: "a negative timeout", from: "totalTimeoutMs: 5000", to: "totalTimeoutMs: -5", says: "1 or more" },
  { name: "a timeout with a unit", from: "totalTimeoutMs: 5000", to: "totalTimeoutMs: 5s", says: "whole number" },
  { name: "a quoted timeout", from: "totalTimeoutMs: 5000", to: 'totalTimeoutMs: "500"', says: "take the quotes" },
  {
    name: "a word for a boolean",
    from: "  label: out",
    to: "  label: out\n  originator: maybe",
    at: "maybe",
    says: "true or false",
  },
  { name: "an unknown kind of namer", from: "kind: io.l5d.fs", to: "kind: io.l5d.fss", says: "io.l5d.fs" },
  { name: "a kind in the wrong case", from: "kind: io.l5d.fs", to: "kind: IO.L5D.FS", says: "io.l5d.fs" },
  {
    name: "a kind of a later version",
    from: "kind: io.l5d.fs",
    to: "kind: io.l5d.consul",
    says: "not in this version",
  },
  {
    name: "an experimental kind",
    from: "kind: io.l5d.fs\n  rootDir: ./disco",
    to: "kind: com.acme.lab",
    at: "com.acme.lab",
    says: "experimental: true",
  },
  {
    name: "a namer without a kind",
    from: "- kind: io.l5d.fs\n  rootDir",
    to: "- rootDir",
    at: "rootDir",
    says: "`kind` is missing",
  },
  { name: "an unknown identifier", from: "io.l5d.header.token", to: "io.l5d.header.tokn", says: "io.l5d.header.token" },
  {
    name: "an identifier that is a word",
    from: "identifier:\n    kind: io.l5d.header.token",
    to: "identifier: io.l5d.path",
    at: "identifier",
    says: "kind",
  },
  {
    name: "an empty list of identifiers",
    from: "identifier:\n    kind: io.l5d.header.token",
    to: "identifier: []",
    at: "identifier",
    says: "at least 1",
  },
  { name: "an unknown protocol", from: "protocol: http", to: "protocol: spdy", says: "http, h2" },
  {
    name: "a protocol of a later version",
    from: "protocol: http",
    to: "protocol: thrift",
    says: "protocol: tcp",
  },
  { name: "an unknown balancer", from: "kind: ewma", to: "kind: emwa", says: "ewma" },
  {
    name: "an unknown accrual",
    from: "io.l5d.consecutiveFailures",
    to: "io.l5d.consecutiveFailure",
    says: "io.l5d.consecutiveFailures",
  },
  { name: "an unknown classifier", from: "retryableRead5XX", to: "retryableReads5XX", says: "retryableRead5XX" },
  { name: "an unknown backoff", from: "kind: jittered", to: "kind: exponential", says: "constant, jittered" },
  { name: "an inverted backoff", from: "minMs: 10", to: "minMs: 1000", says: "above" },
  { name: "a share above its range", from: "percentCanRetry: 0.2", to: "percentCanRetry: 2000", says: "1000" },
  {
    name: "a bad character in a dtab",
    from: "/svc => /#/zk | /srv ;",
    to: "/svc => /#/zk,x | /srv ;",
    says: "`,` cannot stand here",
  },
  { name: "a dtab that ends too early", from: "/svc => /#/zk | /srv ;", to: "/svc => /#/zk |", says: "too early" },
  { name: "a prefix with a slash too many", from: "dstPrefix: /svc", to: "dstPrefix: /svc/", says: "path" },
  { name: "a relative prefix", from: "prefix: /zk", to: "prefix: zk", says: "path" },
  { name: "TLS", from: "    ip: 0.0.0.0", to: "    tls: {certPath: a}", says: "`keyPath` is missing" },
  {
    name: "an interpreter of a later version",
    from: "  label: out",
    to: "  label: out\n  interpreter: {kind: io.l5d.namerd}",
    at: "namerd",
    says: "not in this version",
  },
  {
    name: "a key that has moved",
    from: "  label: out",
    to: "  label: out\n  timeoutMs: 5",
    at: "timeoutMs",
    says: "totalTimeoutMs",
  },
  {
    name: "a mapping for a list",
    from: "  servers:\n  - port: 4140\n    ip: 0.0.0.0",
    to: "  servers:\n    port: 4140",
    at: "servers",
    says: "begin each entry",
  },
  {
    name: "no servers",
    from: "  servers:\n  - port: 4140\n    ip: 0.0.0.0",
    to: "  servers: []",
    at: "servers",
    says: "at least 1",
  },
  {
    name: "a port used twice",
    from: "    ip: 0.0.0.0",
    to: "    ip: 0.0.0.0\n  - port: 4140",
    at: "- port: 4140",
    says: "used twice",
  },
  { name: "the port of the admin page", from: "- port: 4140", to: "- port: 9990", says: "admin page" },
  { name: "a key written twice", from: "  label: out", to: "  label: out\n  label: again", at: "again", says: "twice" },
  { name: "an alias", from: "  label: out", to: "  label: *out", says: "alias" },
  { name: "a tab in the indentation", from: "  label: out", to: "\tlabel: out", at: "label", says: "tab" },
  { name: "a tab after a colon", from: "  label: out", to: "  label:\tout", says: "tab" },
  { name: "an unclosed quote", from: "percentCanRetry: 0.2", to: 'percentCanRetry: "0.2', says: "never closed" },
  {
    name: "an unclosed bracket",
    from: "  identifier:\n    kind: io.l5d.header.token",
    to: "  identifier: {kind: io.l5d.header.token",
    at: "identifier",
    says: "closed",
  },
  { name: "a line out of line", from: "  label: out", to: "   label: out", says: "" },
  {
    name: "an empty list of hosts",
    from: "  zkAddrs:\n  - host: zk1\n    port: 2181",
    to: "  zkAddrs: []",
    at: "zkAddrs",
    says: "at least 1",
  },
  {
    name: "a source of a later version",
    base: short,
    from: "{files: ./disco}",
    to: "{eureka: 127.0.0.1}",
    says: "not in this version",
  },
  { name: "a misspelt kind of source", base: short, from: "{zookeeper:", to: "{zokeeper:", says: "zookeeper" },
  {
    name: "an unknown source in a target",
    base: short,
    from: "users: zk/users",
    to: "users: kz/users",
    says: "zk/users",
  },
  { name: "a target without a service", base: short, from: "users: zk/users", to: "users: zk", says: "SERVICE" },
  { name: "an unknown source in a list", base: short, from: "[files/orders", to: "[file/orders", says: "files/orders" },
  { name: "an unknown source among weights", base: short, from: "zk/cart: 90", to: "zzk/cart: 90", says: "zk/cart" },
  { name: "a negative weight", base: short, from: "zk/cart: 90", to: "zk/cart: -90", says: "0 or more" },
  { name: "a timeout without a unit", base: short, from: "timeout: 2s", to: "timeout: 2", says: "2s or 500ms" },
  { name: "a misspelt setting", base: short, from: "timeout: 2s", to: "timeot: 2s", says: "timeout" },
  {
    name: "a setting for the rest",
    base: short,
    from: '"*": zk/*',
    to: '"*": {to: zk/*, timeout: 1s}',
    says: "top level",
  },
  { name: "a range that is none", base: short, from: "10.0.0.0/8", to: "10.0.0/8", says: "10.0.0.0/8" },
  { name: "a port that is a word", base: short, from: "listen: 4140", to: "listen: http", says: "65535" },
  {
    name: "a host as address",
    base: short,
    from: "listen: 4140",
    to: "listen: {http: 4140, host: localhost}",
    says: "IP address",
  },
  { name: "a guard without a unit", base: short, from: "hold: 30s", to: "hold: 30", says: "2s or 500ms" },
  {
    name: "the port of the admin page, short",
    base: short,
    from: "listen: 4140",
    to: "listen: 9990",
    says: "admin page",
  },
];

test("the files that mistakes are made in are right", async () => {
  assert.deepEqual((await read(linkerd)).warnings, []);
  assert.deepEqual((await read(short)).warnings, []);
});

for (const { name, base = linkerd, from, to, at, says } of mistakes) {
  test(`${name} is pointed at`, async () => {
    assert.ok(base.includes(from), `the file has ${from}`);
    const errors = await errorsOf(base.replace(from, to));
    const wanted = at ?? to;
    const found = errors.find(({ text }) => text.includes(wanted.trim()) || wanted.includes(text.trim()));
    assert.ok(found, `an error at ${wanted}: ${JSON.stringify(errors, undefined, 1)}`);
    const said = [found.message, found.expected, found.nearest].join(" ");
    assert.ok(said.includes(says), said);
    assert.ok(found.column >= 1 && found.column <= found.text.length + 1);
  });
}

test("all mistakes of a file are found at once", async () => {
  const chosen = mistakes.filter(({ name }) =>
    /an unknown server key|a host name for an ip|a negative timeout|an unknown balancer|a bad character/.test(name),
  );
  const text = chosen.reduce((file, { from, to }) => file.replace(from, to), linkerd);
  const errors = await errorsOf(text);
  assert.equal(errors.length, chosen.length, JSON.stringify(errors, undefined, 1));
  assert.deepEqual(
    errors.map(({ line }) => line),
    errors.map(({ line }) => line).toSorted((a, b) => a - b),
  );
});
