import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProbedAddresses } from "../../../src/bridge/probed-addresses.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import type { Probe } from "../../../src/bridge/mirror-parts.ts";

function open(probe: Probe): {
  readonly clock: FakeClock;
  readonly probed: ProbedAddresses;
  readonly end: AbortController;
} {
  const clock = new FakeClock();
  const end = new AbortController();
  const parts = { probe, timeoutMs: 1_000, clock, random: seededRandom(1), signal: end.signal };
  return { clock, end, probed: new ProbedAddresses(parts) };
}

describe("addresses that are probed before they are published", () => {
  it("are asked once, and reached from then on", async () => {
    let asked = 0;
    let told = 0;
    const { probed } = open(async () => void asked++);
    const reach = (): string => probed.reach("a", 1, () => told++).tag;
    assert.deepEqual([reach(), reach()], ["asked", "asked"]);
    await turn();
    assert.deepEqual([reach(), asked, told], ["reached", 1, 1]);
  });

  it("say why they were not reached, and are asked again after a while", async () => {
    let isUp = false;
    const { probed, clock } = open(() => (isUp ? Promise.resolve() : Promise.reject(new Error("no route"))));
    const reach = (): unknown => probed.reach("a", 1, () => undefined);
    reach();
    await turn();
    assert.deepEqual(reach(), { tag: "unreachable", cause: "no route" });
    isUp = true;
    reach();
    await turn();
    assert.deepEqual(reach(), { tag: "unreachable", cause: "no route" }, "it was asked a moment ago");
    clock.advance(2_000);
    reach();
    await turn();
    assert.deepEqual(reach(), { tag: "reached" });
  });

  it("are not reached when the probe takes too long", async () => {
    const { probed, clock } = open(() => new Promise(() => undefined));
    probed.reach("a", 1, () => undefined);
    await clock.advanceAsync(1_000);
    assert.equal(probed.reach("a", 1, () => undefined).tag, "unreachable");
    assert.equal(clock.waiting, 0);
  });

  it("tell nobody when all is over", async () => {
    let told = 0;
    const { probed, end, clock } = open(() => new Promise(() => undefined));
    probed.reach("a", 1, () => told++);
    end.abort(new Error("closed"));
    await turn();
    assert.deepEqual([told, clock.waiting], [0, 0]);
  });
});
