import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { MarathonNamerOptions } from "../../../../namers/marathon/namer.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { marathonFixture } from "../../../fakes/marathon-fixture.ts";

const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 1 };
const task = (port: number) => ({ id: `t-${port}`, host: "127.0.0.1", ports: [port] });

function fixtureWith(more: Partial<MarathonNamerOptions> = {}, log = new RecordingLog()) {
  return marathonFixture({ guard, clock: new CountingClock(), log, down: false }, { useHealthCheck: false, ...more });
}

const until = (followed: FollowedName, ...ports: number[]): Promise<boolean> =>
  eventually(
    `bound to ${ports.join()}`,
    () => followed.keys?.join() === ports.map((each) => `127.0.0.1:${each}`).join(),
  );

test("the shortest beginning of a path that is an application is meant, in any case of letters", async () => {
  await using fixture = await fixtureWith();
  fixture.marathon.apps.set("/shop/users", { tasks: [task(8001)] });
  fixture.marathon.apps.set("/shop/users/api", { tasks: [task(8002)] });
  using followed = new FollowedName(fixture.namer.lookup(Path.read("/Shop/users/api/x")));
  await until(followed, 8001);
  assert.deepEqual([followed.bound?.id.show, followed.bound?.residual.show], ["/shop/users", "/api/x"]);
  fixture.marathon.apps.delete("/shop/users");
  await until(followed, 8002);
  assert.deepEqual([followed.bound?.id.show, followed.bound?.residual.show], ["/shop/users/api", "/x"]);
});

test("an application without tasks is neg, and what is deeper is not asked for", async () => {
  await using fixture = await fixtureWith();
  fixture.marathon.apps.set("/users", { tasks: [] });
  fixture.marathon.apps.set("/users/api", { tasks: [task(8002)] });
  using followed = new FollowedName(fixture.namer.lookup(Path.read("/users/api")));
  await eventually("neg", () => followed.isNeg);
  assert.equal(
    fixture.marathon.asked.some(({ target }) => target.includes("users/api")),
    false,
  );
});

test("the prefix stands before every path, and user and password are sent", async () => {
  await using fixture = await fixtureWith({ uriPrefix: "/marathon", credentials: { basic: new Secret("dXNlcjpw") } });
  Object.assign(fixture.marathon, { prefix: "/marathon", authorization: "Basic dXNlcjpw" });
  fixture.marathon.apps.set("/users", { tasks: [task(8001)] });
  using followed = new FollowedName(fixture.namer.lookup(Path.of("users")));
  await until(followed, 8001);
});

/** Who may log in. */
function newAccount() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return { publicKey, account: { loginPath: "/acs/api/v1/auth/login", uid: "router", privateKey: pem } };
}

test("a service account logs in once for all, and once more when its token is refused", async () => {
  const { account, publicKey } = newAccount();
  const log = new RecordingLog();
  await using fixture = await fixtureWith({ credentials: { account } }, log);
  const { marathon } = fixture;
  Object.assign(marathon, { account: { uid: "router", publicKey }, authorization: "nothing yet" });
  for (const name of ["/a", "/b", "/c"]) marathon.apps.set(name, { tasks: [task(8001)] });
  const followed = ["a", "b", "c"].map((name) => new FollowedName(fixture.namer.lookup(Path.of(name))));
  await Promise.all(followed.map((each) => until(each, 8001)));
  assert.equal(marathon.logins, 1);
  marathon.authorization = "another";
  await eventually("logged in again", () => marathon.logins === 2);
  marathon.apps.set("/a", { tasks: [task(8002)] });
  await until(followed[0] as FollowedName, 8002);
  assert.equal(marathon.logins, 2);
  assert.deepEqual(log.told("namer.stale"), []);
  followed.forEach((each) => each[Symbol.dispose]());
});
