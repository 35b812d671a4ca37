import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { failed, ok } from "../../../src/base/var.ts";
import { WATCH_METRICS, WatchBook } from "../../../src/naming/watch-book.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";

function bookWith() {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new MetricsRegistry();
  const book = new WatchBook({ label: "/fake", clock, log, metrics });
  const metric = (name: string, labels: Record<string, string> = {}): number | undefined => {
    const series = metrics.families().find((family) => family.spec.name === name)?.series ?? [];
    const found = series.find((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value));
    return found && "value" in found ? found.value : undefined;
  };
  return { clock, log, metrics, book, metric };
}

const refused = new Error("refused");

test("a watch is pending, ok, stale with its last count, and ok again", () => {
  const { clock, book } = bookWith();
  const page = book.open("/users");
  assert.deepEqual(book.views(), [{ name: "/users", state: "pending" }]);
  page.tell(ok(1, { revision: "7" }), 3);
  assert.equal(page.view().state, "ok");
  clock.advance(5_000);
  const since = clock.wall();
  page.tell(failed(refused));
  clock.advance(5_000);
  page.tell(failed(refused));
  assert.deepEqual(page.view(), {
    name: "/users",
    state: "stale",
    since,
    cause: "refused",
    revision: "7",
    endpoints: 3,
  });
  page.tell(ok(1), 2);
  assert.equal(page.view().state, "ok");
  assert.equal(page.view().endpoints, 2);
});

test("a watch that never had a value has failed, and is not stale", () => {
  const { book } = bookWith();
  const page = book.open("/users");
  page.tell(failed(refused));
  assert.equal(page.view().state, "failed");
});

test("a held value is shown as held, and stays held while it is stale", () => {
  const { book } = bookWith();
  const page = book.open("/users");
  const held = { since: 0, until: 1, lost: 2 };
  page.tell(ok(1, { held }), 2);
  assert.deepEqual([page.view().state, page.view().held], ["held", held]);
  page.tell(failed(refused));
  assert.deepEqual([page.view().state, page.view().held], ["stale", held]);
  page.tell(ok(1), 2);
  assert.deepEqual([page.view().state, page.view().held], ["ok", undefined]);
});

test("what a full re-list put right is counted, whoever found it", () => {
  const { book, metric } = bookWith();
  assert.equal(metric("linkspan_resync_repairs_total"), 0);
  book.open("/users").repaired(2);
  book.repaired(3);
  assert.equal(metric("linkspan_resync_repairs_total"), 5);
});

test("the metrics of two namers of one kind do not add up: the label is the prefix", () => {
  const { clock, log, metrics, book, metric } = bookWith();
  const other = new WatchBook({ label: "/other", clock, log, metrics });
  book.open("/a").tell(ok(1));
  other.open("/b").tell(ok(1));
  assert.equal(metric("linkspan_updates_total", { namer: "/fake" }), 1);
  assert.equal(metric("linkspan_updates_total", { namer: "/other" }), 1);
});

test("an outage of many watches is told once, and its end once, when the last of them is well or gone", () => {
  const { book, log } = bookWith();
  const pages = ["/a", "/b", "/c"].map((name) => book.open(name));
  pages.forEach((page) => page.tell(ok(1)));
  pages.forEach((page) => page.tell(failed(refused)));
  pages.forEach((page) => page.tell(failed(refused)));
  assert.equal(log.told("namer.stale").length, 1);
  pages[0]?.tell(ok(1));
  pages[1]?.tell(ok(1));
  assert.equal(log.told("namer.recovered").length, 0);
  pages[2]?.[Symbol.dispose]();
  assert.equal(log.told("namer.recovered").length, 1);
});

test("updates are counted, and the series go with the book", async () => {
  const { book, metrics, metric } = bookWith();
  const first = book.open("/a");
  first.tell(ok(1));
  book.open("/b").tell(ok(1));
  first.tell(failed(refused));
  first.tell(ok(2));
  assert.equal(metric("linkspan_updates_total"), 3);
  await book[Symbol.asyncDispose]();
  assert.deepEqual(metrics.families(), []);
});

test("every metric of a namer is labelled with it", () => {
  assert.ok(WATCH_METRICS.every((spec) => spec.labels[0] === "namer"));
});
