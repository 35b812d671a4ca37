import assert from "node:assert/strict";
import { test } from "node:test";
import { DaemonsetTransformer } from "../../../../namers/kubernetes/daemonset-transformer.ts";
import { toLocalNode } from "../../../../namers/kubernetes/local-node-transformer.ts";
import { byNodeName, bySubnet, type NodeKey } from "../../../../namers/kubernetes/same-node.ts";
import { type Address, addressKey, AddressSet } from "../../../../src/base/address.ts";
import { failed, ok, type State, Var } from "../../../../src/base/var.ts";
import { leaves, type NameTree, neg } from "../../../../src/naming/name-tree.ts";
import type { Bound, Name } from "../../../../src/naming/namer.ts";
import { Path } from "../../../../src/naming/path.ts";
import { type Transformer, transformTree } from "../../../../src/naming/transformer.ts";
import { bound, type Dial, DialNamer, now, showState } from "../../../fakes/naming-fixture.ts";

const at = (text: string, nodeName?: string): Address => {
  const [host = "", port] = text.split(":");
  return { host, port: Number(port), weight: 1, ...(nodeName === undefined ? {} : { meta: { nodeName } }) };
};
const set = (...addresses: readonly Address[]): AddressSet => AddressSet.of(addresses, { authority: "kept" });

function keys(transformer: Transformer, addresses: AddressSet): readonly string[] {
  const tree = now(transformTree(Var.of(bound("/#/x", "/", Var.of(addresses))), [transformer]));
  const [leaf] = tree.tag === "ok" ? leaves(tree.value) : [];
  const state: State<AddressSet> = leaf ? now(leaf.addresses) : { tag: "pending" };
  if (state.tag !== "ok") return [state.tag];
  assert.deepEqual(state.value.meta, { authority: "kept" });
  return state.value.addresses.map(addressKey);
}

test("a local node keeps what is in the network of its pods, by the first 24 bits", () => {
  const local = toLocalNode({ hostNetwork: false }, { POD_IP: "10.1.2.3" });
  assert.equal(local.prefix.show, "/io.l5d.k8s.localnode/10.1.2.3");
  const many = set(at("10.1.2.9:80"), at("10.1.3.9:80"), { host: "fd00::1", port: 80, weight: 1 }, at("name:80"));
  assert.deepEqual(keys(local, many), ["10.1.2.9:80"]);
});

test("with the network of its host a local node keeps what says the same node's name", () => {
  const local = toLocalNode({ hostNetwork: true, prefix: Path.read("/here") }, { NODE_NAME: "n1" });
  assert.equal(local.prefix.show, "/here/n1");
  assert.deepEqual(keys(local, set(at("10.1.2.9:80", "n1"), at("10.1.2.9:81", "n2"), at("10.1.2.9:82"))), [
    "10.1.2.9:80",
  ]);
});

test("a local node without the variable that tells where it is does not start, and says which", () => {
  assert.throws(() => toLocalNode({ hostNetwork: false }, {}), /POD_IP is not set/);
  assert.throws(() => toLocalNode({ hostNetwork: true }, { NODE_NAME: "" }), /NODE_NAME is not set/);
  assert.throws(() => toLocalNode({ hostNetwork: false }, { POD_IP: "fd00::1" }), /POD_IP is fd00::1/);
});

const gateway = Path.read("/l5d/incoming/l5d");

function daemonset(nodeOf: NodeKey = bySubnet) {
  const namer = new DialNamer();
  const dial: Dial<NameTree<Name>> = namer.dial("l5d");
  const prefix = Path.read("/io.l5d.k8s.daemonset").concat(gateway);
  const transformer = new DaemonsetTransformer({ prefix, namer, gateway, nodeOf });
  const gateways = (...addresses: readonly Address[]): void =>
    dial.set(ok(bound("/l5d/incoming/l5d", "/", Var.of(AddressSet.of(addresses)))));
  return { transformer, dial, gateways };
}

test("a daemonset stands in for each address on its node", () => {
  const { transformer, gateways } = daemonset();
  gateways(at("1.1.1.1:4141"), at("1.1.2.1:4141"), at("1.1.3.1:4141"));
  assert.deepEqual(keys(transformer, set(at("1.1.2.55:8888"))), ["1.1.2.1:4141"]);
  assert.deepEqual(keys(transformer, set(at("1.1.2.55:8888"), at("1.1.2.56:8888"), at("1.1.3.9:1"))), [
    "1.1.2.1:4141",
    "1.1.3.1:4141",
  ]);
  assert.deepEqual(keys(transformer, set(at("1.1.4.55:8888"))), [], "no proxy runs on that node");
});

test("with the network of the host a daemonset is found by the node's name, and by nothing where that is not said", () => {
  const { transformer, gateways } = daemonset(byNodeName);
  gateways(at("9.9.9.1:4141", "n1"), at("9.9.9.2:4141", "n2"), at("9.9.9.3:4141"));
  assert.deepEqual(keys(transformer, set(at("1.1.2.55:1", "n2"), at("1.1.2.56:1"))), ["9.9.9.2:4141"]);
});

test("a name waits for its daemonset, fails with it, and then stays bound whatever becomes of the daemonset", () => {
  const { transformer, dial, gateways } = daemonset();
  const tree: Var<NameTree<Bound>> = transformTree(Var.of(bound("/#/x", "/r", Var.of(set(at("1.1.2.55:1"))))), [
    transformer,
  ]);
  assert.equal(showState(now(tree)), "pending");
  dial.set(failed(new Error("no API server")));
  assert.equal(showState(now(tree)), "failed: no API server");
  const states: string[] = [];
  gateways(at("1.1.2.1:4141"));
  using _ = tree.observe((state) => states.push(showState(state)));
  dial.set(ok(neg));
  gateways(at("1.1.2.2:4141"));
  assert.deepEqual(states, ["/%/io.l5d.k8s.daemonset/l5d/incoming/l5d/#/x@/r"]);
});
