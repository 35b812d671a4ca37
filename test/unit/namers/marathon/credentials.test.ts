import assert from "node:assert/strict";
import { test } from "node:test";
import { readCredentials } from "../../../../namers/marathon/credentials.ts";

const account = {
  login_endpoint: "https://leader.mesos/acs/api/v1/auth/login",
  private_key: "-----BEGIN PRIVATE KEY-----",
  scheme: "RS256",
  uid: "router",
};
const read = (value: unknown) => readCredentials({ DCOS_SERVICE_ACCOUNT_CREDENTIAL: JSON.stringify(value) });

test("without a variable nobody logs in", () => {
  assert.deepEqual(readCredentials({}), {});
  assert.deepEqual(readCredentials({ MARATHON_HTTP_AUTH_CREDENTIAL: "" }), {});
});

test("user and password are sent as base64, whether they come so or not", () => {
  const basic = (text: string) => readCredentials({ MARATHON_HTTP_AUTH_CREDENTIAL: text }).basic?.reveal();
  assert.equal(basic("user:pass"), "dXNlcjpwYXNz");
  assert.equal(basic("dXNlcjpwYXNz"), "dXNlcjpwYXNz");
});

test("a service account wins, and logs in at the path of its endpoint", () => {
  const credentials = readCredentials({
    DCOS_SERVICE_ACCOUNT_CREDENTIAL: JSON.stringify(account),
    MARATHON_HTTP_AUTH_CREDENTIAL: "user:pass",
  });
  assert.equal(credentials.basic, undefined);
  assert.deepEqual([credentials.account?.loginPath, credentials.account?.uid], ["/acs/api/v1/auth/login", "router"]);
});

test("a mistake in it is named, and nothing of it is shown", () => {
  for (const broken of [{ ...account, scheme: "HS256" }, { ...account, uid: "" }, { ...account, private_key: 7 }, []]) {
    assert.throws(
      () => read(broken),
      (error: Error) => {
        assert.match(error.message, /DCOS_SERVICE_ACCOUNT_CREDENTIAL/);
        assert.doesNotMatch(error.message, /BEGIN|router/);
        return true;
      },
    );
  }
  assert.throws(() => readCredentials({ DCOS_SERVICE_ACCOUNT_CREDENTIAL: "{secret" }), /is not a JSON object$/);
});
