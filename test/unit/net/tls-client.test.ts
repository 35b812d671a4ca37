/** Tests of what a client's files make. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { ClientTls, contextOf } from "../../../src/net/tls-client.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
const counters = { ok: { value: 0 }, resumed: { value: 0 }, failed: { value: 0 } };

test("trust and identity are read, and what is wrong with them is told by its file", () => {
  const pair = ca.issue("router", { commonName: "router" });
  assert.ok(contextOf({ trust: [ca.caPath], pair }, readFileSync));
  assert.ok(contextOf({ trust: [] }, readFileSync));
  assert.throws(() => contextOf({ trust: [pair.keyPath] }, readFileSync), /router\.key holds no certificate/);
  const mixed = { certPath: ca.caPath, keyPath: pair.keyPath };
  assert.throws(() => contextOf({ trust: [], pair: mixed }, readFileSync), /does not belong to the certificate/);
});

test("a failure is counted and told, what comes behind the handshake is told alone", () => {
  const log = new RecordingLog();
  using tls = new ClientTls({ trust: [ca.caPath] }, { clock: new FakeClock(), log, counters });
  assert.equal(tls.trust, ca.caPath);
  assert.ok(tls.context instanceof Object);
  tls.failed("one");
  tls.refused("other");
  assert.equal(counters.failed.value, 1);
  assert.deepEqual(
    log.told("tls.failed").map(({ fields }) => fields["cause"]),
    ["one", "other"],
  );
});
