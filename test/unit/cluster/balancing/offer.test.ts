import assert from "node:assert/strict";
import { test } from "node:test";
import { Offer, type OfferOptions } from "../../../../src/cluster/balancing/offer.ts";
import p2c from "../../../../src/plugins/balancers/p2c.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { balancerOf, candidate, type FakeCandidate, pick, shares } from "../../../fakes/candidates.ts";

interface Told {
  zone: { name: string | undefined };
  options: Partial<OfferOptions>;
}

/** Endpoints in the zones `zones`, offered to a router in zone a. */
async function offered(zones: readonly string[], { zone, options }: Partial<Told>) {
  const log = new RecordingLog();
  const here = zone ?? { name: "a" };
  const balancer = new Offer(await balancerOf(p2c), {
    cluster: "/#/fs/users",
    log,
    zone: here,
    panicThreshold: 0,
    ...options,
  });
  const all = zones.map((zone, at) => {
    const address = { host: "10.0.0.1", port: 80 + at, weight: 1, ...(zone === "" ? {} : { meta: { zone } }) };
    return candidate(balancer, address);
  });
  balancer.update(all);
  const become = (status: FakeCandidate["status"], ...numbers: readonly number[]): void => {
    for (const at of numbers) Object.assign(all[at] ?? {}, { status });
    balancer.statusChanged();
  };
  const used = (): string => {
    const picked = shares(balancer, all, 300).flatMap((count, at) => (count > 0 ? [at] : []));
    const shareOf = balancer.shares(0);
    for (const at of picked) assert.equal(shareOf(all[at] as FakeCandidate), 1, `${at} is shown as offered`);
    return picked.join(" ");
  };
  return { balancer, all, log, here, become, used };
}

const locality = { minOpen: 2, share: 0.7 };

test("endpoints of the own zone are used while enough of them are open, and then all that are open", async () => {
  const { become, used } = await offered(["a", "a", "a", "b", "b", ""], { options: { locality } });
  assert.equal(used(), "0 1 2");
  // Two of three are 0.67 of them.
  become("busy", 0);
  assert.equal(used(), "1 2 3 4 5");
  become("open", 0);
  assert.equal(used(), "0 1 2");
});

test("who is not offered is shown to get nothing: those of other zones, and in panic those that cannot be reached", async () => {
  const near = await offered(["a", "a", "a", "b"], { options: { locality } });
  near.used();
  assert.deepEqual(near.all.map(near.balancer.shares(0)), [1, 1, 1, 0]);
  const panicking = await offered(["a", "a", "a", "a"], { options: { panicThreshold: 0.9 } });
  (panicking.all[3] as FakeCandidate).lost = true;
  panicking.become("busy", 1, 2, 3);
  assert.equal(panicking.used(), "0 1 2");
  assert.deepEqual(panicking.all.map(panicking.balancer.shares(0)), [1, 1, 1, 0]);
});

test("the least number that must be open holds whatever the share", async () => {
  const { become, used } = await offered(["a", "a", "b"], { options: { locality: { minOpen: 2, share: 0 } } });
  assert.equal(used(), "0 1");
  become("busy", 1);
  assert.equal(used(), "0 2");
});

test("without a zone of its own, or where no endpoint has that zone, a router uses all", async () => {
  const nowhere = await offered(["a", "b"], { zone: { name: undefined }, options: { locality } });
  assert.equal(nowhere.used(), "0 1");
  const alone = await offered(["b", "b"], { options: { locality } });
  assert.equal(alone.used(), "0 1");
});

test("a zone that is learnt later holds from then on", async () => {
  const { here, used } = await offered(["a", "a", "b"], { zone: { name: undefined }, options: { locality } });
  assert.equal(used(), "0 1 2");
  here.name = "a";
  assert.equal(used(), "0 1");
});

test("an update is taken up in either state", async () => {
  const { balancer, all, become, used } = await offered(["a", "a", "b"], { options: { locality } });
  assert.equal(used(), "0 1");
  balancer.update(all.slice(1));
  assert.equal(used(), "1 2");
  become("busy", 1);
  assert.equal(used(), "2");
});

test("below the panic threshold all endpoints are used, open or not, and the balancer is told by whom it picks", async () => {
  const { balancer, all, become, used, log } = await offered(["", "", "", ""], { options: { panicThreshold: 0.5 } });
  become("busy", 0, 1);
  assert.equal(used(), "2 3");
  become("busy", 2);
  assert.equal(used(), "0 1 2 3");
  assert.ok(all.includes(pick(balancer) as FakeCandidate));
  become("open", 1);
  assert.equal(used(), "1 3");
  assert.deepEqual(
    log.lines.map(({ level, event, fields }) => [level, event, fields]),
    [
      ["warn", "cluster.offered", { cluster: "/#/fs/users", offered: "panic", before: "all", open: 1, of: 4 }],
      ["info", "cluster.offered", { cluster: "/#/fs/users", offered: "all", before: "panic", open: 2, of: 4 }],
    ],
  );
});

test("who refuses connections is left out in panic while another does not", async () => {
  const { all, become, used } = await offered(["", "", "", ""], { options: { panicThreshold: 0.9 } });
  Object.assign(all[0] ?? {}, { lost: true });
  become("busy", 0, 1);
  assert.equal(used(), "1 2 3");
  Object.assign(all[1] ?? {}, { lost: true });
  become("busy", 2);
  assert.equal(used(), "2 3");
  for (const each of all) each.lost = true;
  become("busy", 3);
  assert.equal(used(), "0 1 2 3");
});

test("load counts the same in panic", async () => {
  const { balancer, all, become } = await offered(["", ""], { options: { panicThreshold: 0.9 } });
  become("busy", 0);
  for (let n = 0; n < 3; n++) all[1]?.load.started(0);
  for (let n = 0; n < 20; n++) assert.equal(pick(balancer), all[0]);
});

test("an own zone that is well is used though the rest is in panic", async () => {
  const { become, used } = await offered(["a", "a", "b", "b", "b", "b"], {
    options: { locality, panicThreshold: 0.5 },
  });
  become("busy", 2, 3, 4, 5);
  assert.equal(used(), "0 1");
  become("busy", 0);
  assert.equal(used(), "0 1 2 3 4 5");
});

test("an empty set has no endpoint, in panic or not", async () => {
  const { balancer } = await offered([], { options: { panicThreshold: 1, locality } });
  assert.equal(pick(balancer), undefined);
});
