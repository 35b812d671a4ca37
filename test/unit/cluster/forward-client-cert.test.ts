/** Tests of what an endpoint is told of a caller's certificate. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ForwardClientCert } from "../../../src/cluster/filters/forward-client-cert.ts";
import { Exchange, Layout } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";

const proof = { forwarded: "Hash=00", id: "spiffe://a/b" };

const newExchange = (): Exchange =>
  new Exchange(
    { version: 11, method: "GET", target: "/", headers: new HeaderList() },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    new Layout(),
  );

/** What the endpoint sees, and what is left when the attempt is over. */
function pass(x: Exchange): readonly (string | undefined)[] {
  const filter = new ForwardClientCert();
  const said = (): (string | undefined)[] =>
    ["x-forwarded-client-cert", "l5d-client-id"].map((name) => x.request.headers.get(name));
  let seen: (string | undefined)[] = [];
  filter.next = { dispatch: () => void (seen = said()) };
  filter.prev = { respond: () => undefined, finish: () => undefined };
  filter.dispatch(x);
  filter.finish(x);
  return [...seen, ...said()];
}

test("a caller with a certificate is told by it, for the attempt alone", () => {
  const x = newExchange();
  x.proof = proof;
  assert.deepEqual(pass(x), ["Hash=00", "spiffe://a/b", undefined, undefined]);
  x.proof = { ...proof, id: "" };
  assert.deepEqual(pass(x), ["Hash=00", undefined, undefined, undefined]);
});

test("a caller without one leaves nothing", () => {
  assert.deepEqual(pass(newExchange()), [undefined, undefined, undefined, undefined]);
});
