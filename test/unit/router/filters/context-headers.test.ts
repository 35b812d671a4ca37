import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../../../../src/http/exchange.ts";
import { RouterBench, type RouterBenchOptions, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";
type Field = readonly [string, string];

function bench(server: RouterBenchOptions["server"] = {}): RouterBench {
  const made = new RouterBench({ server });
  made.name("/svc/users").tree(to(A));
  return made;
}

function sent(x: Exchange): string[] {
  const { headers } = x.request;
  const fields: string[] = [];
  for (let at = 0; at < headers.size; at++) if (!headers.dropped(at)) fields.push(headers.name(at));
  return fields;
}

test("the backend sees what the router writes, and nothing else is added", () => {
  const x = bench().send("users", [["Accept", "*/*"]]);
  assert.deepEqual(sent(x), [
    "Host",
    "Accept",
    "l5d-reqid",
    "l5d-ctx-trace",
    "via",
    "l5d-dst-service",
    "l5d-dst-client",
  ]);
  assert.match(x.request.headers.get("l5d-reqid") ?? "", /^[0-9a-f]{16}$/);
  assert.equal(x.request.headers.get("via"), "1.1 linkspan");
});

test("a caller's own of what the router writes is taken out, in any case; other l5d- fields pass", () => {
  const forged: Field[] = ["L5D-Err", "l5d-success-class", "l5d-dst-service", "l5d-dst-client", "l5d-dst-residual"].map(
    (name) => [name, "forged"],
  );
  const x = bench().send("users", [...forged, ["l5d-reqid", "x"], ["X-Forwarded-Client-Cert", "x"], ["l5d-foo", "1"]]);
  const text = JSON.stringify(sent(x).map((name) => [name, x.request.headers.get(name.toLowerCase())]));
  assert.doesNotMatch(text, /forged|client-cert/i);
  assert.equal(x.request.headers.get("l5d-foo"), "1");
});

test("a deadline that has passed is 504 at once", () => {
  const b = bench();
  const now = b.clock.wall();
  const x = b.send("users", [["l5d-ctx-deadline", `${now - 10}000000 ${now - 1}000000`]]);
  assert.equal(b.heard(x), "total.timeout end");
  assert.equal(x.response.status, 504);
  assert.equal(b.cluster(A).seen, 0);
});

test("a deadline goes on; a garbled one is ignored and does not", () => {
  const b = bench();
  const now = b.clock.wall();
  const deadline = `${now}000000 ${now + 500}000000`;
  assert.equal(b.send("users", [["l5d-ctx-deadline", deadline]]).request.headers.get("l5d-ctx-deadline"), deadline);
  for (const garbled of ["soon", "1 2 3", "-1 5", "1,2"]) {
    const x = b.send("users", [["l5d-ctx-deadline", garbled]]);
    assert.equal(x.request.headers.get("l5d-ctx-deadline"), undefined);
    assert.equal(b.heard(x), "");
  }
});

test("context from callers who are not trusted is taken out and means nothing", () => {
  for (const [trust, address, honoured] of [
    ["none", "10.1.2.3", false],
    [["10.0.0.0/8"], "10.1.2.3", true],
    [["10.0.0.0/8"], "::ffff:10.1.2.3", true],
    [["10.0.0.0/8"], "192.168.0.1", false],
    [["10.0.0.0/8"], "", false],
    ["all", "192.168.0.1", true],
  ] as const) {
    const b = bench({ trust });
    b.name("/svc/users");
    const x = b.send("other");
    x.reset(b.layout);
    x.remoteAddress = address;
    x.request.headers = new (x.request.headers.constructor as new () => typeof x.request.headers)();
    x.request.headers.append("Host", "users");
    x.request.headers.append("l5d-dtab", "/a=>/b");
    x.request.headers.append("l5d-ctx-deadline", "1 1");
    b.tier.service.dispatch(x);
    assert.equal(b.heard(x).includes("total.timeout"), honoured, `${trust.toString()} ${address}`);
    assert.equal(b.binds.includes("/a=>/b /svc/users"), false);
    if (!honoured) assert.deepEqual(sent(x).includes("l5d-ctx-deadline"), false);
  }
});

test("clearContext takes every l5d- field of the request, and the router's own are added as usual", () => {
  const x = bench({ clearContext: true }).send("users", [
    ["l5d-dtab", "not a dtab"],
    ["l5d-ctx-anything", "1"],
    ["l5d-foo", "1"],
    ["l5d-ctx-deadline", "1 1"],
  ]);
  const ours = sent(x).filter((name) => name.startsWith("l5d-"));
  assert.deepEqual(ours, ["l5d-reqid", "l5d-ctx-trace", "l5d-dst-service", "l5d-dst-client"]);
});

test("clearContext takes the l5d- fields of answers, and with l5d-err the body", () => {
  const b = bench({ clearContext: true });
  const plain = b.send("users");
  b.cluster(A).end(200, { "l5d-foo": "1", "content-length": "5" });
  assert.equal(plain.response.headers.get("l5d-foo"), undefined);
  assert.equal(plain.response.headers.get("l5d-success-class"), undefined);
  assert.equal(plain.response.headers.get("content-length"), "5");
  const error = b.send("users", [], "POST");
  b.cluster(A).end(502, { "l5d-err": "secret", "content-length": "6" });
  assert.equal(error.response.status, 502);
  assert.equal(error.response.headers.get("l5d-err"), undefined);
  assert.equal(error.response.headers.get("content-length"), "0");
  assert.equal(error.responseBody.length, 0);
});

test("a trace goes on: same trace, new span; l5d-sample decides anew", () => {
  const b = bench();
  const first = b.send("users");
  const header = first.request.headers.get("l5d-ctx-trace") ?? "";
  const second = b.send("users", [["l5d-ctx-trace", header]]);
  assert.equal(second.request.headers.get("l5d-reqid"), first.request.headers.get("l5d-reqid"));
  const next = second.request.headers.get("l5d-ctx-trace") ?? "";
  assert.notEqual(next, header);
  assert.equal(Buffer.from(next, "base64").length, 32);
  const sampled = b.send("users", [
    ["l5d-ctx-trace", header],
    ["l5d-sample", "1.0"],
  ]);
  assert.equal(sampled.request.headers.get("l5d-sample"), undefined);
  assert.equal(Buffer.from(sampled.request.headers.get("l5d-ctx-trace") ?? "", "base64").readUInt32BE(28), 6);
  const not = b.send("users", [["l5d-sample", "0"]]);
  assert.equal(Buffer.from(not.request.headers.get("l5d-ctx-trace") ?? "", "base64").readUInt32BE(28), 2);
});

test("a garbled trace is replaced by a new one", () => {
  const x = bench().send("users", [["l5d-ctx-trace", "AAAA"]]);
  assert.equal(Buffer.from(x.request.headers.get("l5d-ctx-trace") ?? "", "base64").length, 32);
  assert.equal(sent(x).filter((name) => name === "l5d-ctx-trace").length, 1);
});

test("the timestamp header holds the time of day", () => {
  const b = bench({ timestampHeader: "x-request-start" });
  assert.equal(
    b.send("users", [["X-Request-Start", "0"]]).request.headers.get("x-request-start"),
    String(b.clock.wall()),
  );
});
