import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageBook } from "../../../src/bridge/usage-book.ts";

const DAY = 86_400_000;
const NOW = 20_000 * DAY;
const all = () => true;
const caller = { router: "http", name: "/svc/users" };

test("requests count by day, and a name that nothing was bound to since then is not used", () => {
  const book = new UsageBook(NOW);
  book.note({ id: "/#/zk/users", callers: [caller], requests: 5 }, NOW);
  book.note({ id: "/#/zk/users", callers: [caller], requests: 2 }, NOW + 3 * DAY);
  book.note({ id: "/#/zk/orders", callers: [], requests: 0 }, NOW);
  const [users, orders] = book.used(all, NOW);
  assert.deepEqual([users?.requests, users?.requestAt, users?.boundAt], [7, NOW + 3 * DAY, NOW + 3 * DAY]);
  assert.deepEqual(users?.callers, [{ ...caller, at: NOW + 3 * DAY }]);
  assert.deepEqual([orders?.requests, orders?.requestAt], [0, undefined]);
  assert.deepEqual(
    book.used(all, NOW + DAY).map(({ id, requests }) => [id, requests]),
    [["/#/zk/users", 2]],
  );
  assert.deepEqual(
    book.used((id) => id.startsWith("/#/k8s"), 0),
    [],
  );
});

test("what was written continues in the next process, and lines that are broken take nothing with them", () => {
  const book = new UsageBook(NOW);
  book.note({ id: "/#/zk/users", callers: [caller], requests: 5 }, NOW);
  const next = new UsageBook(NOW + DAY, ["{", ...book.lines(), '{"id":5}']);
  assert.equal(next.countedSince, NOW);
  next.note({ id: "/#/zk/users", callers: [caller], requests: 1 }, NOW + DAY);
  assert.equal(next.used(all, NOW)[0]?.requests, 6);
});

test("names and callers are bounded: the name that was bound longest ago goes, and callers without room are counted", () => {
  const book = new UsageBook(NOW);
  for (let n = 0; n <= 50_000; n++) book.note({ id: `/#/zk/${n}`, callers: [], requests: 0 }, NOW);
  assert.deepEqual([book.used(all, 0).length, book.used((id) => id === "/#/zk/0", 0).length], [50_000, 0]);
  const callers = Array.from({ length: 60 }, (_, n) => ({ router: "http", name: `/svc/${n}` }));
  book.note({ id: "/#/zk/many", callers, requests: 0 }, NOW);
  const [many] = book.used((id) => id === "/#/zk/many", 0);
  assert.deepEqual([many?.callers.length, many?.others], [50, 10]);
});

test("where calls come from is kept over processes, the last ones of too many, and none for longer than the days", () => {
  const book = new UsageBook(NOW);
  const from = (...ns: number[]) => ns.map((n) => ({ address: `10.0.0.${n}` }));
  const certified = { address: "10.0.0.1", certificate: "spiffe://shop/users" };
  book.note({ id: "/#/zk/users", callers: [caller], requests: 1, hosts: [...from(1, 2), certified] }, NOW);
  book.note({ id: "/#/zk/users", callers: [caller], requests: 1, hosts: from(1), left: 3 }, NOW + DAY);
  const next = new UsageBook(NOW + DAY, [...book.lines()]);
  const [users] = next.used(all, NOW);
  assert.deepEqual(users?.hosts, [
    { address: "10.0.0.1", at: NOW + DAY },
    { ...certified, at: NOW },
    { address: "10.0.0.2", at: NOW },
  ]);
  assert.equal(users.otherHosts, 3);
  assert.equal(next.used(all, NOW + 1)[0]?.hosts.length, 1);
  const many = Array.from({ length: 60 }, (_, n) => n + 10);
  next.note({ id: "/#/zk/users", callers: [], requests: 0, hosts: from(...many) }, NOW + 2 * DAY);
  const [crowded] = next.used(all, NOW);
  assert.deepEqual([crowded?.hosts.length, crowded?.hosts[0]?.address], [50, "10.0.0.69"]);
  next.note({ id: "/#/zk/users", callers: [], requests: 0, hosts: from(1) }, NOW + 95 * DAY);
  assert.deepEqual(
    next.used(all, 0)[0]?.hosts.map(({ address }) => address),
    ["10.0.0.1"],
  );
});

test("it has changed where a name is new, or was called, not where it is bound as it was", () => {
  const book = new UsageBook(NOW);
  const counts = [];
  for (const requests of [0, 0, 3, 0]) {
    book.note({ id: "/#/zk/users", callers: [caller], requests }, NOW);
    counts.push(book.changes);
  }
  book.note({ id: "/#/zk/users", callers: [caller], requests: 0, hosts: [{ address: "10.0.0.1" }] }, NOW);
  assert.deepEqual([...counts, book.changes], [1, 1, 2, 2, 3]);
});

test("a thousand requests of one day are one number of it, and days that are too old go", () => {
  const book = new UsageBook(NOW);
  for (let n = 0; n < 1_000; n++) book.note({ id: "/#/zk/users", callers: [], requests: 1 }, NOW + n);
  book.note({ id: "/#/zk/users", callers: [], requests: 5 }, NOW + DAY);
  const days = () => (JSON.parse([...book.lines()][1] ?? "{}") as { days: unknown }).days;
  assert.deepEqual(days(), [
    [20_000, 1_000],
    [20_001, 5],
  ]);
  book.note({ id: "/#/zk/users", callers: [], requests: 1 }, NOW + 92 * DAY);
  assert.deepEqual(days(), [
    [20_001, 5],
    [20_092, 1],
  ]);
});
