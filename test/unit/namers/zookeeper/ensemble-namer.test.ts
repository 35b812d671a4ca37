import assert from "node:assert/strict";
import { test } from "node:test";
import { EnsembleNamer, leaderHosts, serversetHosts } from "../../../../namers/zookeeper/ensemble-namer.ts";
import { Ensembles } from "../../../../namers/zookeeper/ensembles.ts";
import { type Address, addressKey, AddressSet } from "../../../../src/base/address.ts";
import { failed, ok, type State, Var } from "../../../../src/base/var.ts";
import { leaves, type NameTree, neg } from "../../../../src/naming/name-tree.ts";
import type { Bound, Name } from "../../../../src/naming/namer.ts";
import { Path } from "../../../../src/naming/path.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { bound, DialNamer, now, showState } from "../../../fakes/naming-fixture.ts";

const at = (host: string): Var<AddressSet> => Var.of(AddressSet.of([{ host, port: 1, weight: 1 } satisfies Address]));

/** Each ensemble binds `a`, where its dial says so. */
function scene(hostsOf: (element: string) => readonly string[] = serversetHosts) {
  const clock = new FakeClock();
  const opened = new Map<string, DialNamer & { closed?: boolean }>();
  const ensembles = new Ensembles(testContext({ clock }), (hosts) => {
    if (hosts.includes("bad")) throw new Error(`${hosts} are no hosts`);
    const namer = new DialNamer();
    const before = opened.get(hosts);
    opened.set(hosts, Object.assign(namer, { closed: false, before }));
    const close = namer[Symbol.asyncDispose].bind(namer);
    namer[Symbol.asyncDispose] = () => {
      Object.assign(namer, { closed: true });
      return close();
    };
    return namer;
  });
  const namer = new EnsembleNamer(ensembles, hostsOf);
  const lookup = (path: string): Var<NameTree<Name>> => namer.lookup(Path.read(path));
  return { clock, opened, ensembles, namer, lookup };
}

const shown = (tree: Var<NameTree<Name>>): string => showState(now(tree) as State<NameTree<Bound>>);

test("an id begins with the hosts, so that it can be looked up again", () => {
  const { opened, lookup } = scene();
  const tree = lookup("/zk1:2181/a");
  using _ = tree.observe(() => undefined);
  opened
    .get("zk1:2181")
    ?.dial("a")
    .set(ok(bound("/a", "/rest")));
  assert.equal(shown(tree), "/zk1:2181/a@/rest");
  opened.get("zk1:2181")?.dial("a").set(ok(neg));
  assert.equal(shown(tree), "~");
  assert.equal(shown(lookup("/")), "~");
});

test("hosts are read as each kind writes them", () => {
  assert.deepEqual(leaderHosts("1.2.3.4:8000::5.6.7.8:8001"), ["1.2.3.4:8000,5.6.7.8:8001"]);
  assert.deepEqual(serversetHosts("a:1,b:2#c:3"), ["a:1,b:2", "c:3"]);
});

test("of several ensembles the members of all count, and none of them alone says that there is nobody", () => {
  const { opened, lookup } = scene();
  const tree = lookup(String.raw`/\x7a\x31\x23\x7a\x32/a`);
  const states: string[] = [];
  using _ = tree.observe((state) => states.push(showState(state as State<NameTree<Bound>>)));
  const [one, two] = ["z1", "z2"].map((hosts) => opened.get(hosts)?.dial("a"));
  one?.set(ok(neg));
  assert.equal(shown(tree), "pending", "the other was not heard yet");
  two?.set(failed(new Error("away")));
  assert.equal(shown(tree), "failed: away");
  two?.set(ok(bound("/a", "/", at("10.0.0.2"))));
  one?.set(ok(bound("/a", "/", at("10.0.0.1"))));
  const state = now(tree);
  assert(state.tag === "ok");
  const [name] = leaves(state.value);
  assert(name?.kind === "bound");
  const addresses = now(name.addresses);
  assert.deepEqual(addresses.tag === "ok" && addresses.value.addresses.map(addressKey), ["10.0.0.1:1", "10.0.0.2:1"]);
  one?.set(ok(neg));
  two?.set(ok(neg));
  assert.equal(shown(tree), "~");
});

test("an ensemble is closed a minute after its last name, and asked for again it is opened anew", () => {
  const { clock, opened, ensembles, lookup } = scene();
  now(lookup("/zk:1/a"));
  const [first] = opened.values();
  clock.advance(59_000);
  now(lookup("/zk:1/b"));
  clock.advance(59_000);
  assert.equal(first?.closed, false);
  clock.advance(1_000);
  assert.equal(first?.closed, true);
  assert.equal(ensembles.size, 0);
});

test("so many ensembles and no more are open; one that nobody uses makes room", () => {
  const { opened, ensembles, lookup } = scene();
  const open = Array.from({ length: 16 }, (_, at16) => lookup(`/zk${at16}:1/a`).observe(() => undefined));
  assert.match(shown(lookup("/more:1/a")), /^failed: more than 16 ZooKeeper ensembles/);
  open[3]?.[Symbol.dispose]();
  using _ = lookup("/more:1/a").observe(() => undefined);
  assert.equal(opened.get("zk3:1")?.closed, true);
  assert.equal(ensembles.size, 16);
  open.forEach((each) => each[Symbol.dispose]());
});

test("hosts that are none are a failure of the name, with the reason", () => {
  assert.equal(shown(scene().lookup("/bad/a")), "failed: bad are no hosts");
});

test("closing closes every ensemble", async () => {
  const { namer, opened, lookup } = scene();
  now(lookup("/zk:1/a"));
  await namer[Symbol.asyncDispose]();
  assert([...opened.values()].every((each) => each.closed === true));
});
