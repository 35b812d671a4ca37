import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { DnsClient } from "../../../../namers/dns-srv/client.ts";
import type { DnsServer } from "../../../../namers/dns-srv/dns-server.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeDnsServer } from "../../../fakes/dns-server.ts";

let dns: FakeDnsServer;
let second: FakeDnsServer;
const name = "_http._tcp.users.test";
const { signal } = new AbortController();
const clock = new CountingClock();

before(async () => {
  dns = await FakeDnsServer.start();
  second = await FakeDnsServer.start();
  for (const each of [dns, second]) {
    const records = Array.from({ length: 5 }, (_, n) => ({ target: "here.test", port: 8000 + n }));
    each.services.set(name, records);
  }
});
afterEach(() => {
  for (const each of [dns, second]) {
    each.resume();
    Object.assign(each, { udpRecords: Infinity, refusesEdns: false, forged: [] });
    each.asked.length = 0;
  }
  assert.equal(clock.waiting, 0);
});
after(async () => {
  await dns[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

const at = (each: FakeDnsServer): DnsServer => ({ host: "127.0.0.1", port: each.port });

function clientOf(...servers: readonly DnsServer[]): DnsClient {
  const { dial, resolve } = testContext();
  return new DnsClient({ servers: async () => servers, clock, dial, resolve });
}

test("a truncated answer is asked for again over TCP", async () => {
  dns.udpRecords = 2;
  const reply = await clientOf(at(dns)).ask({ name, type: "SRV" }, signal);
  assert.equal(reply.answers.length, 5);
  assert.deepEqual(dns.asked, [`${name} SRV udp`, `${name} SRV tcp`]);
});

test("forged answers are passed over: another id, another question, and no answer at all", async () => {
  dns.forged = [
    (truth) => (truth.writeUInt16BE(truth.readUInt16BE(0) ^ 1, 0), truth),
    (truth) => (truth.writeUInt8(truth.readUInt8(14) ^ 1, 14), truth),
    (truth) => (truth.writeUInt8(0, 2), truth),
    () => Buffer.from("garbage"),
  ];
  const reply = await clientOf(at(dns)).ask({ name, type: "SRV" }, signal);
  assert.equal(reply.answers.length, 5);
});

test("a server from before EDNS is asked without it", async () => {
  dns.refusesEdns = true;
  assert.equal((await clientOf(at(dns)).ask({ name, type: "SRV" }, signal)).answers.length, 5);
  assert.equal(dns.asked.length, 2);
});

test("where one server cannot answer the next is asked, and who answered is asked first from then on", async () => {
  for (const mood of ["servfail", "refused", "garbage"] as const) {
    dns.mood = mood;
    const client = clientOf(at(dns), at(second));
    assert.equal((await client.ask({ name, type: "SRV" }, signal)).answers.length, 5);
    const before = dns.asked.length;
    await client.ask({ name, type: "SRV" }, signal);
    assert.equal(dns.asked.length, before);
  }
});

test("each server is tried twice, then the last reason is the answer", async () => {
  dns.mood = "servfail";
  await assert.rejects(clientOf(at(dns)).ask({ name, type: "SRV" }, signal), (error: Error) => {
    assert.match(error.message, /^the name server 127\.0\.0\.1:\d+ cannot be asked for \S+: it answers SERVFAIL$/);
    return true;
  });
  assert.equal(dns.asked.length, 2);
});

test("a name that does not exist is an answer", async () => {
  const reply = await clientOf(at(dns)).ask({ name: "nobody.test", type: "SRV" }, signal);
  assert.deepEqual([reply.rcode, reply.answers, reply.negativeTtlMs], [3, [], 30_000]);
});

test("an answer over TCP that is cut in the middle is none", async () => {
  dns.udpRecords = 2;
  dns.mood = "cut";
  await assert.rejects(clientOf(at(dns)).ask({ name, type: "SRV" }, signal), /closed the connection without an answer/);
});

test("a question ends with its signal, and leaves nothing open", async () => {
  dns.stall();
  const end = new AbortController();
  const asking = clientOf(at(dns)).ask({ name, type: "SRV" }, end.signal);
  const ended = assert.rejects(asking, /not wanted any more/);
  end.abort(new Error("not wanted any more"));
  await ended;
});
