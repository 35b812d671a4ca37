import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok, pending, type State, Var } from "../../../src/base/var.ts";
import { StatusClassifier } from "../../../src/plugins/classifiers/by-status.ts";
import { bound, failures, leaf, RouterBench, to, union } from "../../fakes/router-bench.ts";

const A = "/#/fs/a";
const B = "/#/fs/b";

/** Addresses that are pending until the test tells. */
function slowAddresses(): { readonly addresses: Var<AddressSet>; tell(state: State<AddressSet>): void } {
  let set: ((state: State<AddressSet>) => void) | undefined;
  const addresses = Var.source<AddressSet>((tell) => {
    set = tell;
    tell(pending);
    return { [Symbol.dispose]: () => undefined };
  });
  return { addresses, tell: (state) => set?.(state) };
}

test("after a new tree the old one serves until the addresses of the new clusters are known", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.cluster(B).answer = 200;
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  const slow = slowAddresses();
  bench.name("/svc/users").tree(leaf(bound(B, "/", slow.addresses)));
  bench.send("users");
  assert.deepEqual([bench.cluster(A).seen, bench.cluster(B).seen], [2, 0]);
  assert.equal(bench.router.view().routes[0]?.switching, true);
  slow.tell(ok(AddressSet.of([{ host: "10.0.0.2", port: 80, weight: 1 }])));
  bench.send("users");
  assert.deepEqual([bench.cluster(A).seen, bench.cluster(B).seen], [2, 1]);
  assert.deepEqual([bench.cluster(A).leases, bench.cluster(B).leases], [0, 1]);
});

test("a new tree takes over after the binding timeout at the latest, and leaves no timer", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.cluster(B).answer = 200;
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  const timers = bench.clock.waiting;
  bench.name("/svc/users").tree(leaf(bound(B, "/", slowAddresses().addresses)));
  bench.clock.advance(9_999);
  bench.send("users");
  assert.deepEqual([bench.cluster(A).seen, bench.cluster(B).seen], [2, 0]);
  bench.clock.advance(1);
  bench.send("users");
  assert.deepEqual([bench.cluster(A).seen, bench.cluster(B).seen], [2, 1]);
  assert.deepEqual([bench.cluster(A).leases, bench.clock.waiting], [0, timers]);
});

test("a new tree takes over as soon as each of its clusters has addresses or has failed", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  const slow = slowAddresses();
  const timers = bench.clock.waiting;
  bench.name("/svc/users").tree(leaf(bound(B, "/", slow.addresses)));
  assert.equal(bench.router.view().routes[0]?.switching, true);
  slow.tell(failed(new Error("refused")));
  assert.deepEqual([bench.router.view().routes[0]?.switching, bench.clock.waiting], [false, timers]);
  bench.send("users");
  assert.equal(bench.cluster(B).seen, 1);
});

test("an exchange that found nobody in a tree that is not the newest any more is led through the new one", () => {
  const bench = new RouterBench();
  bench.cluster(B).answer = 200;
  bench.name("/svc/users").tree(to(A));
  const x = bench.send("users");
  bench.name("/svc/users").tree(to(B));
  bench.cluster(A).end(failures["connect.failed"]);
  assert.equal(bench.heard(x), "200 end");
  assert.deepEqual(x.request.headers.get("l5d-dst-client"), B);
  assert.deepEqual([bench.cluster(A).leases, bench.cluster(B).leases], [0, 1]);
});

test("where the old tree leads to nobody any more, exchanges wait for the addresses of the new one's clusters", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  const x = bench.send("users");
  const timers = bench.clock.waiting;
  bench.name("/svc/users").tree(leaf(bound(B, "/", slowAddresses().addresses)));
  bench.cluster(A).status = "closed";
  bench.cluster(A).end(failures["cluster.empty"]);
  assert.deepEqual(bench.cluster(B).held, [x]);
  assert.deepEqual([bench.heard(x), bench.cluster(A).leases, bench.clock.waiting], ["", 0, timers]);
});

test("an exchange that found a cluster gone waits for the tree that follows, for the binding timeout at most", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  const [first, late] = [bench.send("users"), bench.send("users")];
  Object.assign(bench.cluster(A), { status: "busy", isGone: true });
  bench.cluster(A).end(failures["connect.failed"]);
  assert.equal(bench.heard(first), "");
  bench.clock.advance(10_000);
  assert.equal(bench.heard(first), "name.timeout end");
  bench.cluster(A).end(failures["connect.failed"]);
  bench.cluster(B).answer = 200;
  bench.name("/svc/users").tree(to(B));
  assert.equal(bench.heard(late), "200 end");
});

test("where what was held is believed and the name is bound as it was, who waited for another tree is led again", () => {
  const bench = new RouterBench({ service: { classifier: new StatusClassifier([]) } });
  const tree = to(A);
  bench.name("/svc/users").tell(ok(tree, { held: { since: 0, until: 30_000, lost: 2 } }));
  const x = bench.send("users");
  Object.assign(bench.cluster(A), { status: "busy", isGone: true });
  bench.cluster(A).end(failures["connect.failed"]);
  assert.equal(bench.heard(x), "");
  bench.name("/svc/users").tell(ok(tree));
  bench.cluster(A).end(failures["connect.failed"]);
  assert.equal(bench.heard(x), "connect.failed end");
});

test("an exchange is led anew once, and only where it was not sent and the tree has changed", () => {
  const bench = new RouterBench({ service: { classifier: new StatusClassifier([]) } });
  bench.name("/svc/users").tree(to(A));
  const same = bench.send("users");
  bench.cluster(A).end(failures["connect.failed"]);
  assert.equal(bench.heard(same), "connect.failed end");
  const twice = bench.send("users");
  bench.name("/svc/users").tree(to(B));
  bench.cluster(A).end(failures["connect.failed"]);
  bench.name("/svc/users").tree(to(A));
  bench.cluster(B).end(failures["connect.failed"]);
  assert.equal(bench.heard(twice), "connect.failed end");
  const sent = bench.send("users");
  sent.sent = true;
  bench.name("/svc/users").tree(to(B));
  bench.cluster(A).end(failures["connect.failed"]);
  assert.equal(bench.heard(sent), "connect.failed end");
  const answered = bench.send("users");
  bench.name("/svc/users").tree(to(A));
  bench.cluster(B).end(failures["upstream.reset"]);
  assert.equal(bench.heard(answered), "upstream.reset end");
});

test("a cluster that left the tree is kept until the last exchange on it has ended", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  const x = bench.send("users");
  bench.name("/svc/users").tree(to(B));
  assert.deepEqual([bench.cluster(A).leases, bench.cluster(B).leases], [1, 1]);
  bench.cluster(A).end();
  assert.equal(bench.heard(x), "200 end");
  assert.equal(bench.cluster(A).leases, 0);
});

test("a cluster that stays in the tree is never given back in between", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  bench.name("/svc/users").tree(
    union([
      { weight: 1, tree: to(A) },
      { weight: 1, tree: to(B) },
    ]),
  );
  assert.deepEqual([bench.cluster(A).leases, bench.cluster(B).leases], [2, 1]);
  bench.cluster(A).end();
  assert.deepEqual([bench.cluster(A).leases, bench.cluster(B).leases], [1, 1]);
});
