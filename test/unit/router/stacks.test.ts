import assert from "node:assert/strict";
import { test } from "node:test";
import { failures, RouterBench, to } from "../../fakes/router-bench.ts";

const A = "/#/fs/a";

function bench(maxCallDepth = 1000): RouterBench {
  const made = new RouterBench({ server: { maxCallDepth } });
  made.name("/svc/users").tree(to(A));
  return made;
}

function counted(b: RouterBench, name: string): Record<string, number> {
  const family = b.metrics.families().find((each) => each.spec.name === name);
  const found: Record<string, number> = {};
  for (const series of family?.series ?? []) {
    if ("value" in series && series.value > 0) found[Object.values(series.labels).join(" ")] = series.value;
  }
  return found;
}

test("exactly the call depth is allowed, over all Via fields; one more is a loop", () => {
  const b = bench(3);
  assert.equal(
    b.heard(
      b.send("users", [
        ["Via", "1.1 a, 1.1 b"],
        ["Via", "1.1 c"],
      ]),
    ),
    "",
  );
  const x = b.send("users", [
    ["Via", "1.1 a, 1.1 b"],
    ["Via", "1.1 c, 1.1 d"],
  ]);
  assert.equal(b.heard(x), "request.loop end");
  assert.equal(x.response.status, 400);
  assert.match(x.failure?.message ?? "", /^Maximum number of calls \(3\) has been exceeded\./);
});

test("what belongs to one connection goes no further, in either direction, and Via grows", () => {
  const b = bench();
  const x = b.send("users", [
    ["Connection", "x-hop, close"],
    ["x-hop", "1"],
    ["TE", "trailers"],
    ["Via", "1.0 a"],
  ]);
  for (const name of ["connection", "x-hop", "te"]) assert.equal(x.request.headers.get(name), undefined);
  assert.equal(x.request.headers.get("via"), "1.0 a, 1.1 linkspan");
  b.cluster(A).end(200, { "Keep-Alive": "timeout=5", "Proxy-Connection": "keep-alive", Server: "x" });
  for (const name of ["keep-alive", "proxy-connection"]) assert.equal(x.response.headers.get(name), undefined);
  assert.equal(x.response.headers.get("server"), "x");
  assert.equal(x.response.headers.get("via"), "1.1 linkspan");
});

test("a failure becomes an answer with its status, its sentence and its code", () => {
  const b = bench();
  const x = b.send("users", [], "POST");
  b.cluster(A).end(failures["connect.failed"]);
  assert.equal(x.response.status, 502);
  assert.equal(x.response.headers.get("linkspan-code"), "connect.failed");
  assert.equal(x.response.headers.get("l5d-success-class"), undefined);
  assert.ok(x.responseBody.length > 0);
});

test("a caller who left is answered nothing", () => {
  const b = bench();
  const x = b.send("users");
  x.cancel(failures["downstream.gone"]);
  assert.equal(b.heard(x), "downstream.gone end");
  assert.equal(x.response.status, 0);
  assert.deepEqual(counted(b, "linkspan_server_requests_total"), { "http 127.0.0.1/4140 none": 1 });
});

test("a server counts its answers by status class, and its own failures by code", () => {
  const b = bench();
  b.send("users");
  b.cluster(A).end(204);
  b.send("users");
  b.cluster(A).end(404);
  b.send(undefined);
  b.send("users");
  assert.deepEqual(counted(b, "linkspan_server_requests_total"), {
    "http 127.0.0.1/4140 2xx": 1,
    "http 127.0.0.1/4140 4xx": 2,
  });
  assert.deepEqual(counted(b, "linkspan_failures_total"), { "http request.unidentified": 1 });
  assert.deepEqual(counted(b, "linkspan_server_pending"), { "http 127.0.0.1/4140": 1 });
  assert.deepEqual(counted(b, "linkspan_requests_total"), { "http /svc/users success": 2 });
});
