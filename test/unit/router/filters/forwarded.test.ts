import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout, toDownstream } from "../../../../src/http/exchange.ts";
import { link } from "../../../../src/http/filter.ts";
import { Forwarded, type ForwardedParams, type LabelParams } from "../../../../src/router/filters/forwarded.ts";
import { seededRandom } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

const socket = { remotePort: 4711, localAddress: "10.0.0.2", localPort: 4140 };

interface Asked {
  readonly host?: string;
  readonly version?: 11 | 20;
  readonly remoteAddress?: string;
  readonly caller?: typeof socket | undefined;
}

function filterOf(params: Partial<ForwardedParams> = {}, router = "http") {
  const random: LabelParams = { kind: "requestRandom" };
  const filter = new Forwarded({ by: random, for: random, ...params }, router, seededRandom(1));
  const tier = link([filter], toDownstream, { dispatch: () => undefined });
  return (asked: Asked = {}, fields: readonly (readonly [string, string])[] = []): readonly string[] => {
    const { host = "web", version = 11, remoteAddress = "10.0.0.1", caller = socket } = asked;
    const x = exchangeOf(new Layout(), [...(host === "" ? [] : [["Host", host] as const]), ...fields]);
    x.request.version = version;
    x.remoteAddress = remoteAddress;
    x.caller = "caller" in asked ? asked.caller : caller;
    tier.first.dispatch(x);
    const { headers } = x.request;
    const found: string[] = [];
    for (let at = headers.find("forwarded"); at >= 0; at = headers.find("forwarded", at + 1))
      found.push(headers.value(at));
    return found;
  };
}

test("an element is added behind those that came, with names that mean nothing elsewhere", () => {
  const [first, second] = filterOf()({}, [["Forwarded", "for=9.9.9.9"]]);
  assert.equal(first, "for=9.9.9.9");
  assert.match(second ?? "", /^by=_[0-9A-Za-z]{6};for=_[0-9A-Za-z]{6};host=web$/);
});

test("of HTTP/2 the element has the authority and the scheme", () => {
  assert.match(filterOf()({ version: 20 })[0] ?? "", /;authority=web;proto=http$/);
});

test("addresses are shown as RFC 7239 has them, and what is not known is unknown", () => {
  const ip = filterOf({ by: { kind: "ip" }, for: { kind: "ip" } });
  assert.deepEqual(ip(), ["by=10.0.0.2;for=10.0.0.1;host=web"]);
  assert.deepEqual(ip({ remoteAddress: "fd00::1" }), ['by=10.0.0.2;for="[fd00::1]";host=web']);
  assert.deepEqual(ip({ remoteAddress: "", caller: undefined }), ["by=unknown;for=unknown;host=web"]);
  const both = filterOf({ by: { kind: "ip:port" }, for: { kind: "ip:port" } });
  assert.deepEqual(both(), ['by="10.0.0.2:4140";for="10.0.0.1:4711";host=web']);
  assert.deepEqual(both({ remoteAddress: "fd00::1" }), ['by="10.0.0.2:4140";for="[fd00::1]:4711";host=web']);
});

test("a router's label and a fixed one have one underscore before them", () => {
  const named = filterOf({ by: { kind: "router" }, for: { kind: "static", label: "_edge" } }, "out");
  assert.deepEqual(named(), ["by=_out;for=_edge;host=web"]);
  assert.deepEqual(filterOf({ by: { kind: "router" }, for: { kind: "static", label: "edge" } }, "/a b")({ host: "" }), [
    'by="_/a b";for=_edge',
  ]);
});

test("a random name is another one for each request, or for each connection", () => {
  const perRequest = filterOf({ by: { kind: "static", label: "x" } });
  assert.notDeepEqual(perRequest(), perRequest());
  const perConnection = filterOf({ by: { kind: "static", label: "x" }, for: { kind: "connectionRandom" } });
  assert.deepEqual(perConnection(), perConnection());
  assert.notDeepEqual(perConnection(), perConnection({ caller: { ...socket } }));
});

test("a host that is no token is quoted", () => {
  const fixed = filterOf({ by: { kind: "router" }, for: { kind: "router" } });
  assert.deepEqual(fixed({ host: "web:80" }), ['by=_http;for=_http;host="web:80"']);
});
