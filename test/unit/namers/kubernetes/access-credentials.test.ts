/** Tokens, passwords and certificates of kubeconfigs and service accounts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  basic,
  bearer,
  CertificateFiles,
  combinedCredentials,
  fixedCredentials,
  TokenFile,
} from "../../../../namers/kubernetes/access-credentials.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

const never = new AbortController().signal;

test("a token file is read again each minute, and at once after a 401", async () => {
  using folder = tempFolder({ token: "one\n" });
  const clock = new FakeClock();
  const source = new TokenFile(`${folder.path}/token`, { clock, log: new RecordingLog() });
  const first = await source.current();
  assert.equal(first.authorization?.reveal(), "Bearer one");
  folder.write("token", "two\n");
  assert.equal(await source.current(), first);
  clock.advance(60_000);
  const second = await source.current();
  assert.equal(second.authorization?.reveal(), "Bearer two");
  folder.write("token", "three\n");
  source.refused(first);
  assert.equal(await source.current(), second, "a late 401 to what is no longer used changes nothing");
  source.refused(second);
  assert.equal((await source.current()).authorization?.reveal(), "Bearer three");
});

test("a token file that is empty for a moment does not take the token away", async () => {
  using folder = tempFolder({ token: "one", empty: "\n" });
  const clock = new FakeClock();
  const source = new TokenFile(`${folder.path}/token`, { clock, log: new RecordingLog() });
  await source.current();
  folder.write("token", "");
  clock.advance(60_000);
  assert.equal((await source.current()).authorization?.reveal(), "Bearer one");
  const empty = new TokenFile(`${folder.path}/empty`, { clock, log: new RecordingLog() });
  await assert.rejects(empty.current(), /holds no token$/);
});

test("a certificate and its key are read again together, and stay the same object while they stay the same", async () => {
  using folder = tempFolder({ crt: "certificate 1", key: "key 1" });
  const clock = new FakeClock();
  const from = { cert: { file: `${folder.path}/crt` }, key: { file: `${folder.path}/key` } };
  const source = new CertificateFiles(from, { clock, log: new RecordingLog() });
  const first = await source.current();
  assert.equal(first.certificate?.cert, "certificate 1");
  assert.equal(first.certificate.key.reveal(), "key 1");
  clock.advance(60_000);
  assert.equal(await source.current(), first);
  folder.write("crt", "certificate 2");
  folder.write("key", "key 2");
  source.refused(first);
  const second = await source.current();
  assert.equal(second.certificate?.cert, "certificate 2");
  assert.equal(second.certificate.key.reveal(), "key 2");
});

test("credentials of several sources are one, and a refusal goes to each", async () => {
  using folder = tempFolder({ token: "one" });
  const world = { clock: new FakeClock(), log: new RecordingLog() };
  const certificate = { cert: "certificate", key: new Secret("key") };
  const whole = combinedCredentials([fixedCredentials({ certificate }), new TokenFile(`${folder.path}/token`, world)]);
  const first = await whole.current(never);
  assert.equal(await whole.current(never), first);
  assert.equal(first.certificate, certificate);
  folder.write("token", "two");
  whole.refused(first);
  assert.equal((await whole.current(never)).authorization?.reveal(), "Bearer two");
  assert.deepEqual(await combinedCredentials([]).current(never), {});
});

test("fields of credentials are written as their RFCs say, and shown as stars", () => {
  const password = basic("Aladdin", new Secret("open sesame"));
  assert.equal(password.reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  assert.equal(JSON.stringify([password, bearer("t")]), '["***","***"]');
});
