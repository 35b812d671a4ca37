import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { Exchange } from "../../../../src/http/exchange.ts";
import { exchangeOf, RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";
const DATE = "01/01/2030:00:00:00";

function bench(style: "http" | "h2" = "http"): RouterBench {
  const made = new RouterBench({ accessLog: style });
  made.name("/svc/users").tree(to(A));
  return made;
}

function send(
  b: RouterBench,
  fields: readonly (readonly [string, string])[],
  change: Partial<Exchange["request"]> = {},
) {
  const x = exchangeOf(b.layout, fields);
  Object.assign(x.request, change);
  x.remoteAddress = "10.1.2.3";
  x.downstream = b.hearer;
  b.tier.service.dispatch(x);
  return x;
}

test("a request and its answer are one line, in the combined format", () => {
  const b = bench();
  const fields = [
    ["Host", "users"],
    ["User-Agent", "curl/8"],
    ["Referer", "http://here/"],
  ] as const;
  send(b, fields, { method: "POST", target: "/a?b=c" });
  assert.deepEqual(b.lines, [], "nothing before the answer");
  b.cluster(A).end(201, { "Content-Length": "12" });
  assert.deepEqual(b.lines, [
    `users 10.1.2.3 - - [${DATE} UTC] "POST /a?b=c HTTP/1.1" 201 12 "http://here/" "curl/8"\n`,
  ]);
});

test("what is not there is a dash", () => {
  const b = bench();
  send(b, [["Host", "users"]], { version: 10 }).remoteAddress = "";
  b.cluster(A).end(200);
  assert.deepEqual(b.lines, [`users - - - [${DATE} UTC] "GET / HTTP/1.0" 200 - "-" "-"\n`]);
});

test("HTTP/2 has its own zone, and no length", () => {
  const b = bench("h2");
  send(b, [["host", "users"]], { version: 20 });
  b.cluster(A).end(200, { "content-length": "12" });
  assert.deepEqual(b.lines, [`users 10.1.2.3 - - [${DATE} +0000] "GET / HTTP/2" 200 - "-" "-"\n`]);
});

test("failures of the router are lines too, with the status and length that the caller gets", () => {
  const b = bench();
  const x = send(b, [["Host", "users"]], { method: "POST" });
  b.cluster(A).end(failures["upstream.reset"]);
  assert.match(b.lines[0] ?? "", /" 502 \d+ "-" "-"\n$/);
  assert.equal(/ 502 (\d+) /.exec(b.lines[0] ?? "")?.[1], x.response.headers.get("content-length"));
  send(b, []);
  assert.match(b.lines[1] ?? "", /^- 10\.1\.2\.3 .* 400 \d+ /);
});

test("several attempts are one line, of what came in: not of what a stage made of it", () => {
  const b = bench();
  const x = send(b, [["Host", "users"]], { target: "/first" });
  x.request.target = "/changed";
  x.request.headers.set("host", "other");
  let attempts = 0;
  for (; b.lines.length === 0; attempts++) {
    b.cluster(A).end(503);
    b.clock.advance(1);
  }
  assert.deepEqual([attempts > 1, b.lines.length], [true, 1]);
  assert.match(b.lines[0] ?? "", /^users .*"GET \/first HTTP/);
});

test("a caller that left before an answer is 499", () => {
  const b = bench();
  const x = send(b, [["Host", "users"]]);
  x.cancel(failures["downstream.gone"]);
  assert.match(b.lines.join(""), /^users .* 499 - "-" "-"\n$/);
});

test("a connection's next request has a line of its own", () => {
  const b = bench();
  const x = send(b, [["Host", "users"]]);
  b.cluster(A).end(200);
  b.clock.advance(61_000);
  b.resend(x, "users");
  b.cluster(A).end(204);
  assert.deepEqual(
    b.lines.map((line) => line.slice(0, -1).replace(/.*\[(.*)\] .* (\d+) - "-" "-"$/, "$1 $2")),
    [`${DATE} UTC 200`, "01/01/2030:00:01:01 UTC 204"],
  );
});

test("nothing that a caller sends can end a field or a line", () => {
  const b = bench();
  const x = send(b, [["Host", "users"]], { target: '/"\\x' });
  b.cluster(A).end(200);
  assert.match(b.lines[0] ?? "", /"GET \/\\"\\\\x HTTP\/1\.1" 200/);
  assert.equal(x.request.target, '/"\\x');
});
