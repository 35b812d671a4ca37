import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import type { Dialer } from "linkspan/plugin";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";
import { systemResolver } from "../../../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { attemptConnection, HandshakeRefused } from "../../../../namers/zookeeper/connect-attempt.ts";

const attempt = {
  server: { host: "127.0.0.1", port: 2181 },
  timeoutMs: 400,
  request: { lastZxid: 0n, timeoutMs: 600, sessionId: 0n, password: Buffer.alloc(16), readOnly: false },
  turn: 0,
  proofs: { auth: [] },
  accept: () => undefined,
  events: { notified: () => undefined, sawZxid: () => undefined, ended: () => undefined },
};

/** Takes every byte and says nothing. */
const silent = (): Duplex => new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });

function world(dial: Dialer) {
  return { dial, resolve: systemResolver, clock: new FakeClock(), random: seededRandom(1), log: new RecordingLog() };
}

test("a server that accepts and says nothing is given up, with its socket", async () => {
  const socket = silent();
  const around = world({ connect: () => Promise.resolve(socket) });
  const end = assert.rejects(
    attemptConnection(attempt, around, new AbortController().signal),
    /127\.0\.0\.1:2181 did not answer within 400 ms/,
  );
  await turn();
  around.clock.advance(400);
  await end;
  assert.equal(socket.destroyed, true);
  assert.equal(around.clock.waiting, 0);
});

test("a socket that comes after the attempt was given up is closed", async () => {
  const socket = silent();
  const late = Promise.withResolvers<Duplex>();
  const around = world({ connect: () => late.promise });
  const owner = new AbortController();
  const end = assert.rejects(attemptConnection(attempt, around, owner.signal), /enough/);
  await turn();
  owner.abort(new Error("enough"));
  late.resolve(socket);
  await end;
  assert.equal(socket.destroyed, true);
  assert.equal(around.clock.waiting, 0);
});

test("a server that closes at the greeting has refused it, which is not the same as not being there", async () => {
  const socket = silent();
  const closing = world({ connect: () => Promise.resolve(socket) });
  const refused = assert.rejects(
    attemptConnection(attempt, closing, new AbortController().signal),
    (error) => error instanceof HandshakeRefused,
  );
  await turn();
  socket.destroy();
  await refused;
  const absent = world({ connect: () => Promise.reject(new Error("connect 127.0.0.1:2181 ECONNREFUSED")) });
  await assert.rejects(attemptConnection(attempt, absent, new AbortController().signal), /ECONNREFUSED/);
});

test("a name without an address is an error that names it", async () => {
  const around = { ...world({ connect: () => Promise.reject(new Error("never")) }) };
  const resolve = { addresses: () => Promise.resolve({ addresses: [], ttlMs: 0 }) };
  await assert.rejects(
    attemptConnection(attempt, { ...around, resolve }, new AbortController().signal),
    /127\.0\.0\.1 has no address/,
  );
});
