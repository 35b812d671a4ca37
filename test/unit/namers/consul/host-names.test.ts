import assert from "node:assert/strict";
import { test } from "node:test";
import { HostNames } from "../../../../namers/consul/host-names.ts";
import type { ServiceReading } from "../../../../src/plugin.ts";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";

const reading = (...hosts: string[]): ServiceReading => ({
  members: new Map(
    hosts.map((host, n) => {
      const address = { host, port: 8_000, weight: 1 };
      return [`m${n}`, { address, instance: { id: `m${n}`, ...address, ready: true } }];
    }),
  ),
});

const hostsOf = ({ members }: ServiceReading): string =>
  [...(members?.values() ?? [])].map(({ address }) => address.host).join();

/** Names as `answers` has them now; what it has nothing of cannot be resolved. */
function hostNames() {
  const clock = new FakeClock();
  const answers = new Map<string, { readonly addresses: readonly string[]; readonly ttlMs: number }>();
  const heard: string[] = [];
  const asked: string[] = [];
  const resolve = {
    addresses: async (host: string) => {
      asked.push(host);
      const answer = answers.get(host);
      if (answer === undefined) throw new Error("nobody knows");
      return answer;
    },
  };
  const names = new HostNames(resolve, clock, (each) => heard.push(hostsOf(each)));
  return { names, clock, answers, heard, asked };
}

test("a reading of nothing but addresses passes at once, and nobody is asked", () => {
  const { names, heard, asked } = hostNames();
  names.offer(reading("10.0.0.1", "fd00::1"));
  assert.deepEqual(heard, ["10.0.0.1,fd00::1"]);
  assert.deepEqual(asked, []);
});

test("a host name becomes each of its addresses, each an instance of its own", async () => {
  const { names, answers, heard } = hostNames();
  answers.set("a.test", { addresses: ["10.0.0.2", "10.0.0.1"], ttlMs: 60_000 });
  names.offer(reading("a.test", "10.0.0.9"));
  assert.deepEqual(heard, []);
  await turn();
  assert.deepEqual(heard, ["10.0.0.1,10.0.0.2,10.0.0.9"]);
  const { members } = await names.expanded(reading("a.test"));
  assert.deepEqual([...(members?.keys() ?? [])], ["m0@10.0.0.1", "m0@10.0.0.2"]);
  names[Symbol.dispose]();
});

test("it is asked for again when its time is over, five seconds at least, and keeps what it had when nobody knows", async () => {
  const { names, answers, heard, clock, asked } = hostNames();
  answers.set("a.test", { addresses: ["10.0.0.1"], ttlMs: 1_000 });
  names.offer(reading("a.test"));
  await turn();
  answers.set("a.test", { addresses: ["10.0.0.2"], ttlMs: 1_000 });
  await clock.advanceAsync(4_999);
  assert.equal(asked.length, 1);
  await clock.advanceAsync(1);
  assert.equal(heard.at(-1), "10.0.0.2");
  answers.delete("a.test");
  await clock.advanceAsync(5_000);
  assert.equal(asked.length, 3);
  assert.equal(heard.at(-1), "10.0.0.2");
  names[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});

test("one that was never resolved stays a name, and one that hangs holds nothing up for long", async () => {
  const { names, heard, clock } = hostNames();
  names.offer(reading("gone.test"));
  await turn();
  assert.deepEqual(heard, ["gone.test"]);
  names[Symbol.dispose]();
  const late: string[] = [];
  const hanging = new HostNames({ addresses: () => new Promise(() => undefined) }, clock, (each) => {
    late.push(hostsOf(each));
  });
  hanging.offer(reading("slow.test"));
  await clock.advanceAsync(2_000);
  assert.deepEqual(late, ["slow.test"]);
  hanging[Symbol.dispose]();
});

test("nothing is heard of a reading after a later one, after a failure, or after the end", async () => {
  const { names, answers, heard } = hostNames();
  answers.set("a.test", { addresses: ["10.0.0.1"], ttlMs: 60_000 });
  names.offer(reading("a.test"));
  names.offer(reading("10.0.0.9"));
  await turn();
  assert.deepEqual(heard, ["10.0.0.9"]);
  names.offer(reading("b.test"));
  names.pause();
  await turn();
  names.offer(reading("c.test"));
  names[Symbol.dispose]();
  await turn();
  assert.deepEqual(heard, ["10.0.0.9"]);
});
