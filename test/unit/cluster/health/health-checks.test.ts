import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../../../src/base/address.ts";
import type { HealthReport } from "../../../../src/base/health.ts";
import type { Checker, CheckResult } from "../../../../src/cluster/health/check.ts";
import { HealthChecks } from "../../../../src/cluster/health/health-checks.ts";
import { FakeClock, seededRandom } from "../../../../src/testing/index.ts";

const times = { intervalMs: 1_000, timeoutMs: 500, down: 3, up: 2 };
const subject = { stack: "http", router: "http", id: "/#/fs/users" };
const at = (port: number): Address => ({ host: "10.0.0.1", port, weight: 1 });

/** Checks that a test answers by port; `slow` ones are not answered until the test says so. */
class FakeChecker implements Checker {
  readonly asked: { readonly port: number; readonly at: number }[] = [];
  readonly ill = new Set<number>();
  readonly slow: (() => void)[] = [];
  isSlow = false;
  underway = 0;
  most = 0;
  readonly #clock: FakeClock;
  constructor(clock: FakeClock) {
    this.#clock = clock;
  }
  async check({ port }: Address): Promise<CheckResult> {
    this.asked.push({ port, at: this.#clock.now() });
    this.most = Math.max(this.most, ++this.underway);
    if (this.isSlow) await new Promise<void>((resolve) => this.slow.push(resolve));
    this.underway--;
    return this.ill.has(port) ? { outcome: "failed", answer: "503" } : { outcome: "passed", answer: "200" };
  }
  of(port: number): number[] {
    return this.asked.filter((each) => each.port === port).map((each) => each.at);
  }
}

function bench(isPlanned = true) {
  const clock = new FakeClock();
  const checker = new FakeChecker(clock);
  let opened = 0;
  const failures: unknown[] = [];
  const checks = new HealthChecks({
    clock,
    random: seededRandom(4),
    planOf: ({ id }) => (isPlanned ? { key: id, times, open: () => (opened++, checker) } : undefined),
    checked: () => undefined,
    failed: (_, error) => void failures.push(error),
  });
  return { clock, checker, checks, failures, opened: () => opened };
}

/** What a watch has heard last, by port. */
function hearing() {
  let last: HealthReport = new Map();
  const hear = (report: HealthReport): void => void (last = report);
  return { hear, of: (port: number) => last.get(`10.0.0.1:${port}`)?.isHealthy };
}

test("each endpoint is checked within the first second, and then once an interval, a tenth more or less", async () => {
  const { clock, checker, checks } = bench();
  using watch = checks.watch(subject, () => undefined);
  watch.follow([at(80), at(81)]);
  await clock.advanceAsync(20_000);
  for (const port of [80, 81]) {
    const [first = Infinity, ...more] = checker.of(port);
    assert.ok(first <= 1_000);
    let last = first;
    for (const next of more) {
      assert.ok(next - last >= 900 && next - last <= 1_100, `${next - last}`);
      last = next;
    }
    assert.ok(more.length >= 17);
  }
  assert.notDeepEqual(checker.of(80), checker.of(81));
});

test("however many watch a cluster, it is checked once, and each hears of every change", async () => {
  const { clock, checker, checks, opened } = bench();
  const [one, other] = [hearing(), hearing()];
  const first = checks.watch(subject, one.hear);
  const second = checks.watch({ ...subject, stack: "http@2" }, other.hear);
  first.follow([at(80)]);
  second.follow([at(80), at(81)]);
  checker.ill.add(80);
  await clock.advanceAsync(5_000);
  assert.equal(opened(), 1);
  assert.equal(checks.size, 1);
  assert.ok(checker.of(80).length <= 6);
  assert.deepEqual([one.of(80), other.of(80), other.of(81)], [false, false, true]);
  const late = hearing();
  using third = checks.watch(subject, late.hear);
  assert.equal(late.of(80), undefined);
  third.follow([at(80)]);
  assert.equal(late.of(80), false);
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  assert.equal(checks.size, 1);
});

test("when nobody watches any more no check is made and no timer is left", async () => {
  const { clock, checker, checks } = bench();
  const watch = checks.watch(subject, () => undefined);
  watch.follow([at(80), at(81)]);
  await clock.advanceAsync(1_500);
  watch[Symbol.dispose]();
  watch.follow([at(82)]);
  const { length } = checker.asked;
  assert.equal(clock.waiting, 0);
  await clock.advanceAsync(10_000);
  assert.equal(checker.asked.length, length);
  assert.equal(checks.size, 0);
});

test("an endpoint that leaves is forgotten: when it comes back nothing is known of it", async () => {
  const { clock, checker, checks } = bench();
  const heard = hearing();
  using watch = checks.watch(subject, heard.hear);
  checker.ill.add(80);
  watch.follow([at(80), at(81)]);
  await clock.advanceAsync(4_000);
  assert.equal(heard.of(80), false);
  watch.follow([at(81)]);
  await clock.advanceAsync(200);
  assert.equal(heard.of(80), undefined);
  watch.follow([at(80), at(81)]);
  await clock.advanceAsync(2_000);
  assert.equal(heard.of(80), undefined);
  assert.equal(heard.of(81), true);
});

test("at most 64 checks are under way at one time, and none of one endpoint beside another of it", async () => {
  const { clock, checker, checks } = bench();
  using watch = checks.watch(subject, () => undefined);
  checker.isSlow = true;
  watch.follow(Array.from({ length: 100 }, (_, port) => at(port)));
  await clock.advanceAsync(60_000);
  assert.equal(checker.most, 64);
  assert.equal(new Set(checker.asked.map(({ port }) => port)).size, 64);
  for (const answer of checker.slow.splice(0)) answer();
  await clock.advanceAsync(10);
  assert.equal(new Set(checker.asked.map(({ port }) => port)).size, 100);
});

test("who is not to be checked, and what no checker can be made for, is watched to no effect", async () => {
  const { clock, checks } = bench(false);
  using watch = checks.watch(subject, () => undefined);
  watch.follow([at(80)]);
  assert.equal(clock.waiting, 0);
  const { checks: broken, failures } = (() => {
    const made: unknown[] = [];
    const open = (): never => {
      throw new Error("no such certificate");
    };
    const failing = new HealthChecks({
      clock,
      random: seededRandom(1),
      planOf: () => ({ key: "a", times, open }),
      checked: () => undefined,
      failed: (_, error) => void made.push(error),
    });
    return { checks: failing, failures: made };
  })();
  using other = broken.watch(subject, () => undefined);
  other.follow([at(80)]);
  assert.equal((failures[0] as Error).message, "no such certificate");
  assert.equal(clock.waiting, 0);
});
