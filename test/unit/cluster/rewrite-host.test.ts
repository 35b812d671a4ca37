import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { askFor, RewriteHost } from "../../../src/cluster/filters/rewrite-host.ts";
import { ClusterSlots } from "../../../src/cluster/slots.ts";
import { type Exchange, Layout, toDownstream } from "../../../src/http/exchange.ts";
import { link } from "../../../src/http/filter.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";

function scene(meta: Record<string, string>, fields: readonly (readonly [string, string])[] = [["Host", "web:80"]]) {
  const layout = new Layout();
  const slots = new ClusterSlots(layout);
  const filter = new RewriteHost(slots);
  let asked: string | undefined;
  const leave = (x: Exchange): void => {
    askFor(meta["authority"], x, slots);
    asked = x.request.headers.get("host");
  };
  const tier = link([filter], toDownstream, { dispatch: leave });
  const x: Exchange = exchangeOf(layout, fields);
  tier.first.dispatch(x);
  const answer = (headers: Record<string, string>): Exchange => {
    x.response.headers = HeaderList.of(Object.entries(headers));
    tier.last.respond(x);
    tier.last.finish(x);
    return x;
  };
  return { x, tier, answer, asked: () => asked, leave };
}

const authority = "web.service.dc1.consul";

test("endpoints are asked for the host of their registry, and the next attempt for the caller's again", () => {
  const { answer, asked } = scene({ authority });
  assert.equal(asked(), authority);
  assert.equal(answer({}).request.headers.get("host"), "web:80");
});

test("without an authority nothing is rewritten", () => {
  const { answer, asked } = scene({});
  assert.equal(asked(), "web:80");
  assert.equal(answer({ location: `http://${authority}/x` }).response.headers.get("location"), `http://${authority}/x`);
});

test("a redirection to the service itself is one to whom the caller asked, and any other stays", () => {
  const location = (value: string): string | undefined =>
    scene({ authority }).answer({ location: value }).response.headers.get("location");
  assert.equal(location(`http://${authority}/x?to=${authority}`), `http://web:80/x?to=${authority}`);
  assert.equal(location(`https://${authority.toUpperCase()}`), "https://web:80");
  assert.equal(location(`http://${authority}:8080/x`), `http://${authority}:8080/x`);
  assert.equal(location(`http://other.${authority}/x`), `http://other.${authority}/x`);
  assert.equal(location(`/${authority}/x`), `/${authority}/x`);
});

test("so does a refresh", () => {
  const { answer } = scene({ authority });
  assert.equal(
    answer({ refresh: `5; url=http://${authority}/` }).response.headers.get("refresh"),
    "5; url=http://web:80/",
  );
});

test("a request without a host, of HTTP/1.0, gets one for the attempt and loses it again", () => {
  const { answer, asked } = scene({ authority }, []);
  assert.equal(asked(), authority);
  assert.equal(answer({ location: `http://${authority}/` }).request.headers.get("host"), undefined);
});

test("a failure has no fields to look at, and the host comes back all the same", () => {
  const { x, tier } = scene({ authority });
  x.failure = failures["upstream.reset"];
  tier.last.respond(x);
  tier.last.finish(x);
  assert.equal(x.request.headers.get("host"), "web:80");
});

test("an attempt that leaves for a second endpoint is still of the host that the caller asked for", () => {
  const { x, leave, answer } = scene({ authority });
  leave(x);
  assert.equal(answer({}).request.headers.get("host"), "web:80");
});
