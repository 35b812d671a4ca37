import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { Login } from "../../../../namers/marathon/login.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeMarathon } from "../../../fakes/marathon.ts";

const never = new AbortController().signal;
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function loginAt(stack: AsyncDisposableStack) {
  const marathon = stack.use(await FakeMarathon.start());
  marathon.account = { uid: "router", publicKey };
  const client = stack.use(testContext().http.open({ host: "127.0.0.1", port: marathon.port }));
  const pem = new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const account = { loginPath: "/acs/api/v1/auth/login", uid: "router", privateKey: pem };
  return { marathon, login: stack.use(new Login(account, client)) };
}

test("a login goes on for the others when who asked for it does not want it any more", async () => {
  await using stack = new AsyncDisposableStack();
  const { marathon, login } = await loginAt(stack);
  const first = new AbortController();
  const asked = login.token(first.signal);
  const other = login.token(never);
  first.abort(new Error("not wanted"));
  await assert.rejects(asked, /not wanted/);
  assert.equal((await other).reveal(), "login-1");
  assert.equal(marathon.logins, 1);
});

test("what a login is answered is not told, since it may be a token", async () => {
  await using stack = new AsyncDisposableStack();
  const { marathon, login } = await loginAt(stack);
  for (const nonsense of ["s3cret-token", '"s3cret-token"', '{"token": s3cret-token}', "null", '{"token": 7}']) {
    marathon.nonsense = nonsense;
    await assert.rejects(login.token(never), { message: "the login of router gave no token" });
  }
});

test("a login ends with its owner", async () => {
  await using stack = new AsyncDisposableStack();
  const { marathon, login } = await loginAt(stack);
  marathon.isSilent = true;
  const asked = login.token(never);
  await eventually("asked", () => marathon.asked.length > 0);
  login[Symbol.dispose]();
  await assert.rejects(asked, /the namer has ended/);
});
