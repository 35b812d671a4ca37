import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import { ClusterSlots } from "../../../../src/cluster/slots.ts";
import { BytesBody } from "../../../../src/http/error-response.ts";
import { type Exchange, Layout } from "../../../../src/http/exchange.ts";
import { link } from "../../../../src/http/filter.ts";
import { HeaderList } from "../../../../src/http/header-list.ts";
import { Compress } from "../../../../src/router/filters/compress.ts";
import { RouterSlots } from "../../../../src/router/slots.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { CollectingSink } from "../../../fakes/collecting-sink.ts";
import { Hearer } from "../../../fakes/plain-exchange.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

interface Answer {
  readonly level?: number;
  readonly accepts?: string;
  readonly method?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function answered({ level = 9, accepts = "gzip", method = "GET", status = 200, headers = {} }: Answer = {}) {
  const layout = new Layout();
  const slots = new RouterSlots(layout, new ClusterSlots(layout));
  const hearer = new Hearer();
  const tier = link([new Compress(slots, level)], hearer, { dispatch: () => undefined });
  const x: Exchange = exchangeOf(layout, accepts === "" ? [] : [["Accept-Encoding", accepts]], method);
  tier.first.dispatch(x);
  x.response.status = status;
  x.response.headers = HeaderList.of(Object.entries({ "content-type": "text/plain", ...headers }));
  x.responseBody = new BytesBody(Buffer.from("words"));
  tier.last.respond(x);
  return { x, tier, heard: () => hearer.of(x).join(" "), isGzip: x.responseBody.length === -1 };
}

const isGzip = (answer: Answer): boolean => answered(answer).isGzip;

test("an answer is compressed for who accepts it, in any of the ways in which that is said", () => {
  for (const accepts of ["gzip", "GZIP", "br, gzip;q=0.5", "x-gzip", "*", "deflate;q=0, *;q=0.1"])
    assert(isGzip({ accepts }), accepts);
  for (const accepts of ["", "br", "gzip;q=0", "gzip; q=0.00", "*;q=0", "gzip;q=0, *"])
    assert(!isGzip({ accepts }), accepts);
});

test("what has no body, is a part, is compressed or signed already, or is a gRPC answer, stays as it is", () => {
  assert(!isGzip({ method: "HEAD" }));
  for (const status of [101, 204, 206, 304]) assert(!isGzip({ status }), `${status}`);
  const those = [
    { "content-encoding": "br" },
    { "cache-control": "public, no-transform" },
    { "content-type": "application/grpc" },
  ];
  for (const headers of those) assert(!isGzip({ headers }), JSON.stringify(headers));
});

test("level -1 is for text alone", () => {
  const of = (type: string, level: number): boolean => isGzip({ level, headers: { "content-type": type } });
  for (const type of ["text/html; charset=utf-8", "application/json", "image/svg+xml"]) assert(of(type, -1), type);
  for (const type of ["image/png", "application/octet-stream", "application/jsonp"]) assert(!of(type, -1), type);
  assert(of("image/png", 1));
});

test("the exchange ends when the caller has all of the answer, and not before", async () => {
  const { x, tier, heard } = answered();
  const sink = new CollectingSink();
  x.responseBody.pipe(sink);
  tier.last.finish(x);
  assert.equal(heard(), "200");
  await eventually("the exchange has ended", () => heard() === "200 end");
  assert.equal(sink.state, "ended");
});

test("a caller that leaves meanwhile ends the exchange at once", () => {
  const { x, tier, heard } = answered();
  const sink = new CollectingSink();
  x.responseBody.pipe(sink);
  tier.last.finish(x);
  x.cancel(failures["downstream.gone"]);
  assert.equal(heard(), "200 end");
  assert.equal(x.broken?.code, "downstream.gone");
  assert.equal(sink.state, "open", "nothing more comes");
});
