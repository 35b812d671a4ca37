/** ExecCredential: what exec plugins are told, and what they may answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkExecVersion, execInfo, readExecAnswer } from "../../../../namers/kubernetes/exec-credential.ts";

const V1 = "client.authentication.k8s.io/v1";
const answer = (status: unknown, over: object = {}): string =>
  JSON.stringify({ apiVersion: V1, kind: "ExecCredential", status, ...over });

test("a plugin is told of its cluster where it asks to be", () => {
  assert.deepEqual(JSON.parse(execInfo(V1)), { apiVersion: V1, kind: "ExecCredential", spec: { interactive: false } });
  const cluster = {
    server: "https://api.test",
    ca: undefined,
    caText: "PEM",
    serverName: "api",
    disableValidation: false,
    proxyUrl: "http://proxy.test",
    execConfig: { audience: "here" },
  };
  assert.deepEqual(JSON.parse(execInfo(V1, cluster)).spec.cluster, {
    server: "https://api.test",
    "tls-server-name": "api",
    "certificate-authority-data": Buffer.from("PEM").toString("base64"),
    "proxy-url": "http://proxy.test",
    config: { audience: "here" },
  });
});

test("a token, a certificate with its key, and a time of expiry are read", () => {
  const token = readExecAnswer(answer({ token: "t", expirationTimestamp: "2030-01-01T00:00:01Z" }), V1);
  assert.equal(token.credentials.authorization?.reveal(), "Bearer t");
  assert.equal(token.expiresAt, Date.UTC(2030, 0, 1, 0, 0, 1));
  const both = readExecAnswer(answer({ clientCertificateData: "c", clientKeyData: "k" }), V1);
  assert.equal(both.credentials.certificate?.cert, "c");
  assert.equal(both.credentials.certificate.key.reveal(), "k");
  assert.equal(both.expiresAt, undefined);
});

const wrong: readonly (readonly [name: string, text: string, message: string])[] = [
  ["no JSON", "secret", "its answer is no JSON"],
  ["a list", "[]", "its answer is no mapping"],
  ["another kind", answer({}, { kind: "Pod" }), "its answer is no ExecCredential"],
  ["another version", answer({}, { apiVersion: "v9" }), `its answer is not of version ${V1}`],
  ["no status", answer(undefined), "its answer has no `status`"],
  ["an empty status", answer({}), "its answer has neither a token nor a certificate"],
  ["half a pair", answer({ clientKeyData: "secret" }), "its answer has half of a certificate and its key"],
  ["a token that is a number", answer({ token: 5 }), "`status.token` of its answer is no text"],
  [
    "no time",
    answer({ token: "t", expirationTimestamp: "soon" }),
    "`status.expirationTimestamp` of its answer is no time",
  ],
];
for (const [name, text, message] of wrong) {
  test(`an answer is refused: ${name}`, () => assert.throws(() => readExecAnswer(text, V1), { message }));
}

test("only known versions are asked", () => {
  checkExecVersion("client.authentication.k8s.io/v1beta1");
  assert.throws(
    () => checkExecVersion("client.authentication.k8s.io/v1alpha1"),
    /it must be one of .*\/v1, .*\/v1beta1$/,
  );
});
