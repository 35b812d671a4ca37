import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ZkElection } from "../../../../namers/zookeeper/zk-election.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { CutProxy } from "../../../fakes/cut-proxy.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());

const PLACE = "/elections/users";

function candidate(member: string, port = server.port, sessionTimeoutMs = 2_000) {
  const options = { connectString: `127.0.0.1:${port}`, sessionTimeoutMs };
  const election = new ZkElection(options, { place: PLACE, member }, testContext());
  const state = new FollowedVar(election.state);
  return {
    state,
    get leads() {
      return state.value?.leads === true;
    },
    async [Symbol.asyncDispose]() {
      state[Symbol.dispose]();
      await election[Symbol.asyncDispose]();
    },
  };
}

test("the session of a candidate is shorter than that of the entries", async () => {
  await using anna = candidate("anna", server.port, 10_000);
  await eventually("leads", () => anna.leads);
  assert.ok(server.timeouts.every((timeoutMs) => timeoutMs <= 4_000));
});

test("who cannot reach the registry stops leading before its session is over, by its own clock", async () => {
  await using proxy = await CutProxy.before(server.port);
  await using anna = candidate("anna", proxy.port);
  await eventually("leads", () => anna.leads);
  await using berta = candidate("berta");
  await eventually("told", () => berta.state.value?.leader === "anna");
  // Frozen and not cut: nothing tells the leader that it is alone.
  proxy.stall();
  await eventually("one of them leads no more, or the other does", () => !anna.leads || berta.leads, 10_000);
  assert.deepEqual([anna.leads, berta.leads], [false, false]);
  assert.equal(anna.state.isStale, true);
  await eventually("the other leads", () => berta.leads, 10_000);
  proxy.resume();
  await eventually("told", () => anna.state.value?.leader === "berta" && !anna.state.isStale, 10_000);
});

test("who resigns is followed at once", async () => {
  const anna = candidate("anna");
  await eventually("leads", () => anna.leads);
  await using berta = candidate("berta");
  await eventually("told", () => berta.state.value?.leader === "anna");
  await quietFor(50);
  await anna[Symbol.asyncDispose]();
  await eventually("the other leads", () => berta.leads, 200);
});

test("who comes back finds the others before it", async () => {
  await using anna = candidate("anna");
  await eventually("leads", () => anna.leads);
  await using berta = candidate("berta");
  await eventually("told", () => berta.state.value?.leader === "anna");
  server.remove(`${PLACE}/${server.children(PLACE)[0]}`);
  await eventually("the other leads", () => berta.leads && anna.state.value?.leader === "berta");
});
