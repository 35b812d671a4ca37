import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsulElection } from "../../../../namers/consul/election.ts";
import type { WriteCalls } from "../../../../namers/consul/write-calls.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";

/** A server of one lock, as far as elections ask it; `answers` false is one that keeps everybody waiting. */
class OneLock {
  answers = true;
  session = "s1";
  holder = "anna";
  readonly told: string[] = [];

  get calls(): WriteCalls {
    const said = <T>(value: () => T): Promise<T> =>
      this.answers ? Promise.resolve(value()) : new Promise(() => undefined);
    const lock = {
      shown: "Consul",
      openSession: () => said(() => this.session),
      renewSession: (id: string) => said(() => id === this.session),
      lock: (_: string, __: string, member: string) => said(() => this.holder === member),
      holder: () => said(() => this.holder),
      unlock: () => said(() => void this.told.push("unlock")),
      endSession: () => said(() => void this.told.push("end")),
    };
    return lock as unknown as WriteCalls;
  }
}

function opened() {
  const clock = new FakeClock();
  const server = new OneLock();
  const owner = { group: "m", member: "anna" };
  const election = new ConsulElection({ calls: server.calls, owner, clock, closed: () => undefined });
  const seen: string[] = [];
  election.state.observe((state) => {
    if (state.tag === "ok") seen.push(`${state.value.leads ? "leads" : "follows"}${state.stale ? ", stale" : ""}`);
  });
  return { clock, server, election, seen };
}

test("who leads stops by its own clock before the lock could be another's", async () => {
  const { clock, server, seen } = opened();
  await clock.advanceAsync(0);
  assert.deepEqual(seen, ["leads"]);
  server.answers = false;
  await clock.advanceAsync(7_999);
  assert.equal(seen.at(-1), "leads");
  await clock.advanceAsync(1);
  assert.deepEqual(seen.slice(-2), ["follows", "follows, stale"]);
});

test("who leads stops as soon as its session is told to be gone, and follows whoever leads then", async () => {
  const { clock, server, election, seen } = opened();
  await clock.advanceAsync(0);
  server.session = "s2";
  server.holder = "berta";
  await clock.advanceAsync(1_500);
  assert.equal(seen.at(-1), "follows");
  const state = election.state.sample();
  assert.equal(state.tag === "ok" && state.value.leader, "berta");
});

test("who resigns gives the lock back itself before its session ends, and who follows has none to give", async () => {
  const { clock, server, election } = opened();
  await clock.advanceAsync(0);
  await election[Symbol.asyncDispose]();
  assert.deepEqual(server.told, ["unlock", "end"]);
  const other = opened();
  other.server.holder = "berta";
  await other.clock.advanceAsync(0);
  await other.election[Symbol.asyncDispose]();
  assert.deepEqual(other.server.told, ["end"]);
});
