import assert from "node:assert/strict";
import { test } from "node:test";
import type { DnsClient } from "../../../../namers/dns-srv/client.ts";
import type { DnsRecord, Question, Reply, SrvRecord } from "../../../../namers/dns-srv/message.ts";
import { SrvReader } from "../../../../namers/dns-srv/srv-reader.ts";
import type { Found, TargetAddresses } from "../../../../namers/dns-srv/target-addresses.ts";

const srv = (name: string, target: string, over: Partial<SrvRecord> = {}): SrvRecord => ({
  type: "SRV",
  name,
  ttlMs: 30_000,
  priority: 1,
  weight: 1,
  port: 80,
  target,
  ...over,
});
const found = (...addresses: readonly string[]): Found => ({ addresses, ttlMs: 60_000 });

/** A server's words by whole name (an Error where it has none), and the addresses of hosts. */
function reader(name: string, hosts: Readonly<Record<string, Found | Error>> = {}, search: readonly string[] = []) {
  const words = new Map<string, readonly DnsRecord[] | Error | { readonly negativeTtlMs: number }>();
  const asked: string[] = [];
  const client = {
    ask: async ({ name: whole }: Question): Promise<Reply> => {
      asked.push(whole);
      const word = words.get(whole) ?? [];
      if (word instanceof Error) throw word;
      const answers = "negativeTtlMs" in word ? [] : word;
      const negativeTtlMs = "negativeTtlMs" in word ? word.negativeTtlMs : undefined;
      return { rcode: 0, isTruncated: false, answers, additionals: [], negativeTtlMs };
    },
  } as unknown as DnsClient;
  const targets = {
    of: async (names: Iterable<string>) => new Map([...new Set(names)].map((each) => [each, hosts[each]])),
  } as unknown as TargetAddresses;
  const resolverFile = async () => ({ servers: [], search, ndots: 1 }) as never;
  const read = () => new SrvReader({ name, client, targets, resolverFile }).read(new AbortController().signal);
  return { words, asked, read, client, targets, resolverFile };
}

test("a record's share is split among its host's addresses, and the whole holds as long as its shortest part", async () => {
  const { words, read } = reader("users.test.", { a: found("10.0.0.1"), b: found("10.0.0.2", "10.0.0.3") });
  words.set("users.test", [
    srv("users.test", "a", { weight: 30, ttlMs: 9_000 }),
    srv("users.test", "b", { weight: 10, ttlMs: 20_000 }),
  ]);
  const { reading, ttlMs } = await read();
  assert.equal(ttlMs, 9_000);
  const weights = [...(reading.members ?? [])].map(([id, { address }]) => [id, address.weight] as const);
  assert.deepEqual(
    weights.map(([id]) => id),
    ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"],
  );
  const [a = 0, b = 0, c = 0] = weights.map(([, weight]) => weight);
  assert.equal(b, c);
  assert.ok(Math.abs(a / (b + c) - 3) < 0.01, `${a} to ${b + c}`);
});

test("the next priority is called where nobody of the first has an address; the others are shown as withdrawn", async () => {
  const { words, read } = reader("users.test.", { b: found("10.0.0.2"), c: found("10.0.0.3") });
  words.set("users.test", [
    srv("users.test", "a", { priority: 1 }),
    srv("users.test", "b", { priority: 2 }),
    srv("users.test", "c", { priority: 3 }),
  ]);
  const { reading } = await read();
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["10.0.0.2:80"]);
  assert.deepEqual(
    reading.withdrawn?.map(({ id }) => id),
    ["10.0.0.3:80"],
  );
  assert.match(reading.refused?.get("a") ?? "", /no such host/);
});

test("where a host of the first priority cannot be asked about, and nobody else of it is known, nothing is known", async () => {
  const { words, read } = reader("users.test.", { a: new Error("SERVFAIL"), b: found("10.0.0.2") });
  words.set("users.test", [srv("users.test", "a", { priority: 1 }), srv("users.test", "b", { priority: 2 })]);
  await assert.rejects(read(), /SERVFAIL/);
  words.set("users.test", [srv("users.test", "a"), srv("users.test", "b")]);
  const { reading, ttlMs } = await read();
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["10.0.0.2:80"]);
  assert.equal(ttlMs, 0, "it is asked for again at once");
});

test("the root as target says that the service is decidedly not there, and the port 0 is refused", async () => {
  const { words, read } = reader("users.test.");
  words.set("users.test", [srv("users.test", "")]);
  assert.deepEqual((await read()).reading, { members: undefined, signs: "all", refused: new Map() });
  words.set("users.test", [srv("users.test", "a", { port: 0 })]);
  assert.deepEqual([...((await read()).reading.refused ?? [])], [["a:0", "it has no port that can be connected to"]]);
});

test("records of what the name is an alias for are its own; those of others, and doubles, are not counted", async () => {
  const { words, read } = reader("users.test.", { a: found("10.0.0.1") });
  words.set("users.test", [
    { type: "CNAME", name: "users.test", ttlMs: 1, target: "real.test" },
    srv("real.test", "a"),
    srv("real.test", "a", { weight: 9 }),
    srv("other.test", "a", { port: 81 }),
  ]);
  assert.deepEqual([...((await read()).reading.members?.keys() ?? [])], ["10.0.0.1:80"]);
});

test("without records the name is not there, for as long as the shortest negative answer holds", async () => {
  const { words, asked, read } = reader("users.web", {}, ["one.test", "two.test"]);
  words.set("users.web", { negativeTtlMs: 7_000 });
  words.set("users.web.one.test", { negativeTtlMs: 3_000 });
  const { reading, ttlMs } = await read();
  assert.deepEqual([reading.members, ttlMs], [undefined, 3_000]);
  assert.deepEqual(asked.toSorted(), ["users.web", "users.web.one.test", "users.web.two.test"]);
});

test("what stands under another name is not taken while the name that had records cannot be asked for", async () => {
  const parts = reader("users.web", { a: found("10.0.0.1"), b: found("10.0.0.2") }, ["one.test"]);
  const { words, client, targets, resolverFile } = parts;
  const one = new SrvReader({ name: "users.web", client, targets, resolverFile });
  const signal = new AbortController().signal;
  words.set("users.web", [srv("users.web", "a")]);
  assert.deepEqual([...((await one.read(signal)).reading.members?.keys() ?? [])], ["10.0.0.1:80"]);
  words.set("users.web", new Error("no server answers"));
  words.set("users.web.one.test", [srv("users.web.one.test", "b")]);
  await assert.rejects(one.read(signal), /no server answers/);
});
