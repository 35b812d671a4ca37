/** Tests of the bytes of DNS: what is asked, and which answers are taken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, type Packet, type Question as PacketQuestion, type SrvAnswer } from "dns-packet";
import fc from "fast-check";
import { decodeReply, encodeQuestion, type Question, Rcode } from "../../../../namers/dns-srv/message.ts";

const question: Question = { name: "_http._tcp.Users.test", type: "SRV" };
const asked: PacketQuestion = { name: "_http._tcp.users.test", type: "SRV", class: "IN" };
const data = { priority: 1, weight: 2, port: 8080, target: "A.test" };
const record: SrvAnswer = { type: "SRV", name: asked.name, ttl: 30, class: "IN", data };
const RESPONSE: Packet = { type: "response", id: 7, questions: [asked], answers: [record] };

test("an answer to the question is read, names in lower case, whatever letters the server chose", () => {
  const reply = decodeReply(encode(RESPONSE), 7, question);
  const read = { type: "SRV", name: asked.name, ttlMs: 30_000, priority: 1, weight: 2, port: 8080, target: "a.test" };
  assert.deepEqual(reply?.answers, [read]);
  assert.deepEqual([reply.rcode, reply.isTruncated, reply.negativeTtlMs], [0, false, undefined]);
});

test("what answers another question is passed over", () => {
  const others: readonly Packet[] = [
    { ...RESPONSE, id: 8 },
    { ...RESPONSE, type: "query" },
    { ...RESPONSE, questions: [{ ...asked, name: "other.test" }] },
    { ...RESPONSE, questions: [{ ...asked, type: "A" }] },
    { ...RESPONSE, questions: [asked, asked] },
    { ...RESPONSE, questions: [] },
  ];
  for (const other of others) assert.equal(decodeReply(encode(other), 7, question), undefined);
  assert.equal(decodeReply(new Uint8Array(3), 7, question), undefined);
});

test("a server that could not read the question may leave it out", () => {
  const reply = decodeReply(encode({ type: "response", id: 7, flags: Rcode.formErr }), 7, question);
  assert.equal(reply?.rcode, Rcode.formErr);
});

test("a negative answer holds as long as its SOA says, and a TTL with the highest bit is none", () => {
  const soa = { mname: "ns.test", rname: "root.test", serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 5 };
  const authorities = [{ type: "SOA", name: "test", ttl: 600, data: soa }] as const;
  const negative = encode({ ...RESPONSE, answers: [], flags: Rcode.nxDomain, authorities: [...authorities] });
  assert.equal(decodeReply(negative, 7, question)?.negativeTtlMs, 5_000);
  const odd = decodeReply(encode({ ...RESPONSE, answers: [{ ...record, ttl: 0x8000_0001 }] }), 7, question);
  assert.equal(odd?.answers[0]?.ttlMs, 0);
});

test("whatever arrives is an answer, is none, or cannot be read; nothing else happens", () => {
  const truth = encode(RESPONSE);
  const spoiled = fc
    .array(fc.tuple(fc.nat(truth.length - 1), fc.nat(255)), { maxLength: 6 })
    .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), Uint8Array.from(truth)));
  const cut = fc.tuple(spoiled, fc.nat(truth.length)).map(([bytes, length]) => bytes.subarray(0, length));
  fc.assert(
    fc.property(fc.oneof(spoiled, cut, fc.uint8Array({ maxLength: 64 })), (bytes) => {
      try {
        decodeReply(bytes, 7, question);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a question asks for recursion, and says how much fits into a datagram", () => {
  const bytes = encodeQuestion(0x1234, question, true);
  assert.equal(Buffer.from(bytes).readUInt16BE(0), 0x1234);
  assert.equal((bytes[2] ?? 0) & 0x01, 1);
  assert.ok(encodeQuestion(1, question, false).length < bytes.length);
});
