import assert from "node:assert/strict";
import { test } from "node:test";
import { plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { ApiWriter } from "../../../../namers/kubernetes/api-writer.ts";
import { LeaseCandidate } from "../../../../namers/kubernetes/lease-candidate.ts";
import { leaseName, leaseObject, readLease } from "../../../../namers/kubernetes/lease-object.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";

const GROUP = "orders";

class Site implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly server: FakeKubernetes;
  readonly #stack = new AsyncDisposableStack();

  constructor(server: FakeKubernetes) {
    this.server = server;
    this.#stack.use(server);
  }

  static async open(): Promise<Site> {
    return new Site(await FakeKubernetes.start());
  }

  /** Each has a clock of its own: that one of two stands still is what fencing is for. */
  candidate(member: string, clock = this.clock): LeaseCandidate {
    const random = seededRandom(1);
    const access = this.#stack.use(
      plainAccess({ host: "127.0.0.1", port: this.server.port }, testContext({ clock: new FakeClock() })),
    );
    const writer = new ApiWriter({ access, clock, random });
    return this.#stack.use(
      new LeaseCandidate({ namespace: "shop", owner: { group: GROUP, member }, writer, clock, random }),
    );
  }

  get lease() {
    const object = this.server.history.find("leases", "shop", leaseName(GROUP));
    return object && readLease(object);
  }

  get writes(): number {
    return this.server.asked.filter((each) => !each.startsWith("GET")).length;
  }

  /** Lets time pass until the API server was asked so often in all. */
  async pass(ms: number, clock = this.clock): Promise<void> {
    const before = this.server.asked.length;
    clock.advance(ms);
    await eventually("asked", () => this.server.asked.length > before && clock.nextIn !== undefined);
    await settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Answers that are under way have come by then. */
const settled = (): Promise<void> => quietFor(20);

test("the first takes it, and renews it every four seconds", async () => {
  await using site = await Site.open();
  const anna = site.candidate("anna");
  await anna.enter();
  assert.deepEqual([anna.leads, anna.leader, anna.terms], [true, "anna", 1]);
  assert.deepEqual([site.lease?.holder, site.lease?.durationMs, site.lease?.transitions], ["anna", 15_000, 0]);
  const before = site.writes;
  for (let at = 0; at < 5; at++) await site.pass(4_000);
  assert.equal(site.writes - before, 5);
  assert.deepEqual([anna.leads, anna.terms], [true, 1]);
});

test("the second is told who has it, and takes it fifteen seconds after the last sign of life, by its own clock", async () => {
  await using site = await Site.open();
  const anna = site.candidate("anna", new FakeClock());
  await anna.enter();
  const berta = site.candidate("berta");
  await berta.enter();
  assert.deepEqual([berta.leads, berta.leader], [false, "anna"]);
  // What the wall says has no part in it.
  site.clock.jumpWall(86_400_000);
  while (!berta.leads) await site.pass(2_400);
  assert.ok(site.clock.now() >= 15_000 && site.clock.now() < 20_000, `after ${site.clock.now()} ms`);
});

test("who cannot renew it stops believing in it ten seconds after the last time, before anybody may take it", async () => {
  await using site = await Site.open();
  const anna = site.candidate("anna");
  await anna.enter();
  site.server.refusal = { status: 500 };
  await site.pass(4_000);
  assert.equal(anna.leads, true);
  assert.ok(anna.trouble);
  site.clock.advance(5_999);
  assert.equal(anna.leads, true);
  site.clock.advance(1);
  assert.equal(anna.leads, false);
  assert.throws(() => anna.check(), /500/);
  site.server.refusal = undefined;
  await eventually("taken again", async () => {
    site.clock.advance(500);
    await settled();
    return anna.leads;
  });
  assert.equal(anna.terms, 2);
});

test("two that begin at once: one has it, the other says so", async () => {
  await using site = await Site.open();
  const [anna, berta] = [site.candidate("anna"), site.candidate("berta")];
  await Promise.all([anna.enter(), berta.enter()]);
  assert.equal(Number(anna.leads) + Number(berta.leads), 1);
  const leader = anna.leads ? "anna" : "berta";
  assert.deepEqual([anna.leader, berta.leader, site.lease?.holder], [leader, leader, leader]);
});

test("who resigns leaves it to the next at once, and believes in it no more", async () => {
  await using site = await Site.open();
  const [anna, berta] = [site.candidate("anna"), site.candidate("berta")];
  await anna.enter();
  await berta.enter();
  await anna.resign();
  assert.deepEqual([anna.leads, site.lease?.holder], [false, undefined]);
  await berta.enter();
  assert.deepEqual([berta.leads, site.lease?.transitions], [true, 1]);
});

test("whose lease somebody else took hears of it at the next renewal", async () => {
  await using site = await Site.open();
  const anna = site.candidate("anna");
  await anna.enter();
  const { lease } = site;
  assert.ok(lease);
  const wish = { namespace: "shop", group: GROUP, holder: "thief", seconds: 15, now: 0 };
  site.server.put(leaseObject(wish, lease) as never);
  await site.pass(4_000);
  assert.deepEqual([anna.leads, anna.leader], [false, "thief"]);
  assert.throws(() => anna.check(), /the lease of orders is held by thief/);
});

test("a lease that somebody deleted is made again, and counts as another", async () => {
  await using site = await Site.open();
  const anna = site.candidate("anna");
  await anna.enter();
  site.server.remove(site.lease?.object as never);
  await site.pass(4_000);
  await eventually("made again", async () => {
    site.clock.advance(100);
    await settled();
    return site.lease?.holder === "anna" && anna.trouble === undefined;
  });
  assert.deepEqual([anna.leads, anna.terms], [true, 2]);
});

test("names of leases are names of objects, whatever the group is called", () => {
  assert.equal(leaseName("orders-to-k8s"), "linkspan-orders-to-k8s");
  for (const group of ["Orders to k8s", "a/b", "x".repeat(300), ""]) {
    assert.match(leaseName(group), /^linkspan-[0-9a-f]{32}$/);
  }
});
