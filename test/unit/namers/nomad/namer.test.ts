import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { NomadNamerOptions } from "../../../../namers/nomad/namer.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";
import { nomadFixture } from "../../../fakes/nomad-fixture.ts";

const users = Path.of("users");
const one = (n: number) => ({ id: `i-${n}`, host: "127.0.0.1", port: 8000 + n });

function fixtureWith(more: Partial<NomadNamerOptions> = {}) {
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 1 };
  return nomadFixture({ guard, clock: new CountingClock(), log: new RecordingLog(), down: false }, more);
}

const until = (followed: FollowedName, ...ports: number[]): Promise<boolean> =>
  eventually(
    `bound to ${ports.join()}`,
    () => followed.keys?.join() === ports.map((each) => `127.0.0.1:${each}`).join(),
  );

test("the token is shown with each question, is read from its file anew, and one that is refused is no answer", async () => {
  using folder = tempFolder({ token: "one\n" });
  const tokenFile = join(folder.path, "token");
  await using fixture = await fixtureWith({ tokenFile });
  fixture.nomad.token = "one";
  await fixture.put("users", [one(1)]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001);
  fixture.nomad.token = "two";
  await fixture.put("users", [one(2)]);
  await eventually("stale", () => followed.isStale);
  const asked = fixture.nomad.asked.length;
  await eventually("asked again, and refused", () => fixture.nomad.asked.length > asked + 1);
  assert.equal(fixture.nomad.asked.at(-1)?.token, "one");
  assert.equal(followed.addresses?.value?.addresses[0]?.port, 8001);
  await writeFile(tokenFile, "two");
  await until(followed, 8002);
  await eventually("well", () => !followed.isStale);
});

test("a token is in no line of the log", async () => {
  const log = new RecordingLog();
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 1 };
  const options = { guard, clock: new CountingClock(), log, down: false };
  await using fixture = await nomadFixture(options, { token: new Secret("very-secret") });
  fixture.nomad.token = "another";
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("failed", () => followed.tree.state.tag === "failed");
  assert.equal(fixture.nomad.asked[0]?.token, "very-secret");
  assert.doesNotMatch(JSON.stringify(log.lines), /very-secret/);
  assert.match(JSON.stringify(log.lines), /403/);
});

test("an answer without an index is a failure, and an agent that always answers at once is not asked without end", async () => {
  await using fixture = await fixtureWith();
  await fixture.put("users", [one(1)]);
  fixture.nomad.indexField = () => undefined;
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("failed", () => followed.tree.state.tag === "failed");
  let index = 1_000_000;
  fixture.nomad.indexField = () => `${index++ % 2 === 0 ? 5 : 1_000_000}`;
  await until(followed, 8001);
  const before = fixture.nomad.asked.length;
  await quietFor(1_000);
  const asked = fixture.nomad.asked.length - before;
  assert.ok(asked <= 12, `${asked} questions in a second`);
});

test("an index is of the servers that gave it: behind new connections nobody waits for what will not come", async () => {
  await using fixture = await fixtureWith();
  const others = (): void => {
    for (let n = 0; n < 50; n++) fixture.nomad.set(`other-${n}`, []);
  };
  others();
  await fixture.put("users", [one(1)]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001);
  await eventually("its changes are waited for", () => fixture.nomad.asked.at(-1)?.target.includes("index="));
  await fixture.put("users", [one(2)]);
  await until(followed, 8002);
  // Until it asks again it gathers changes, so that no question is cut.
  await fixture.restart?.();
  await fixture.put("users", [one(3)]);
  others();
  await until(followed, 8003);
});

test("a name with a tag is its instances that have it", async () => {
  await using fixture = await fixtureWith();
  fixture.nomad.set("users", [
    { ID: "a", Address: "127.0.0.1", Port: 8001, Tags: ["canary"] },
    { ID: "b", Address: "127.0.0.1", Port: 8002, Tags: [] },
  ]);
  using tagged = new FollowedName(fixture.namer.lookup(Path.of("users#canary", "x")));
  using all = new FollowedName(fixture.namer.lookup(users));
  await until(tagged, 8001);
  await until(all, 8001, 8002);
  assert.equal(tagged.bound?.residual.show, "/x");
});

test("services of another namespace are not there", async () => {
  await using fixture = await fixtureWith({ namespace: "shop" });
  fixture.nomad.set("users", [{ ID: "a", Address: "127.0.0.1", Port: 8001 }]);
  fixture.nomad.set("users", [{ ID: "b", Address: "127.0.0.1", Port: 8002 }], "shop");
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8002);
});
