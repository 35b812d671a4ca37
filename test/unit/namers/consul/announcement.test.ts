import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsulAnnouncer, type ConsulAnnouncerOptions } from "../../../../namers/consul/announcer.ts";
import { type EntryChange, type Instance, Path } from "../../../../src/plugin.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeConsul } from "../../../fakes/consul.ts";
import { announcerOptions } from "../../../fakes/consul-announcer-fixture.ts";

const ANNA = { group: "m", member: "anna" };
const { signal } = new AbortController();
const instance: Instance = { id: "u1", host: "10.0.0.1", port: 80, weight: 1, ready: true };
const put = (more: Partial<Instance> = {}): EntryChange => ({ op: "put", instance: { ...instance, ...more } });

async function opened(stack: AsyncDisposableStack, more: Partial<ConsulAnnouncerOptions> = {}) {
  const fake = stack.use(await FakeConsul.start());
  const announcer = stack.use(new ConsulAnnouncer(announcerOptions(fake.port, more), testContext()));
  return { fake, announcer };
}

test("a path that names no one service is refused with the reason, and nothing is asked", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, announcer } = await opened(stack);
  for (const path of [Path.empty, Path.of("dc1", "users")]) {
    const announcement = announcer.announce(path, ANNA);
    assert.match((await announcement.standing(signal)).refusal ?? "", /one service/);
    assert.deepEqual(
      (await announcement.write([put()], signal)).map(({ tag }) => tag),
      ["refused"],
    );
  }
  assert.deepEqual(fake.asked, []);
});

test("where the configuration says the service, it is the path /, and the only one of its group", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, announcer } = await opened(stack, { service: "users", tags: ["mirrored"] });
  await announcer.announce(Path.empty, ANNA).write([put()], signal);
  assert.deepEqual(fake.catalogue.services(), { users: ["mirrored"] });
  assert.deepEqual(
    (await announcer.owned("m", signal)).map(({ show }) => show),
    ["/"],
  );
  assert.ok((await announcer.announce(Path.of("users"), ANNA).standing(signal)).refusal);
});

test("what stands as it should is not written again, nor planned", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, announcer } = await opened(stack);
  const users = announcer.announce(Path.of("users"), ANNA);
  await users.write([put()], signal);
  await users.standing(signal);
  assert.deepEqual(users.plan([put()]), []);
  const registrations = () => fake.asked.filter((each) => each.includes("/service/register")).length;
  const before = registrations();
  assert.deepEqual(await users.write([put()], signal), [{ tag: "done" }]);
  assert.equal(registrations(), before);
  assert.deepEqual(
    users.plan([put({ port: 81 })]).map(({ op }) => op),
    ["update"],
  );
});

test("a registration of somebody else under our id is a conflict, and stays", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, announcer } = await opened(stack);
  fake.local.write("/v1/agent/service/register", { ID: "linkspan:m:anna:u1", Name: "users", Port: 1 });
  const users = announcer.announce(Path.of("users"), ANNA);
  assert.deepEqual(
    (await users.write([put()], signal)).map(({ tag }) => tag),
    ["conflict"],
  );
  const [entry] = (await users.standing(signal)).entries;
  assert.deepEqual(
    (await users.write([{ op: "remove", key: entry?.key ?? "" }], signal)).map(({ tag }) => tag),
    ["conflict"],
  );
  assert.equal(fake.catalogue.instances("users", []).length, 1);
});

test("what is not ready is registered as critical, and passes when it is ready", async () => {
  await using stack = new AsyncDisposableStack();
  const { announcer } = await opened(stack);
  const users = announcer.announce(Path.of("users"), ANNA);
  const isReady = async () => (await users.standing(signal)).entries.map((each) => each.instance.ready);
  await users.write([put({ ready: false })], signal);
  assert.deepEqual(await isReady(), [false]);
  await users.write([put()], signal);
  assert.deepEqual(await isReady(), [true]);
});

test("changes of one entry in one write are made in their order", async () => {
  await using stack = new AsyncDisposableStack();
  const { announcer } = await opened(stack);
  const users = announcer.announce(Path.of("users"), ANNA);
  const changes = [
    put(),
    put({ port: 81 }),
    { op: "remove", key: "here/linkspan:m:anna:u1" },
    put({ port: 82 }),
  ] as const;
  assert.deepEqual(
    (await users.write(changes, signal)).map(({ tag }) => tag),
    ["done", "done", "done", "done"],
  );
  assert.deepEqual(
    (await users.standing(signal)).entries.map((each) => each.instance.port),
    [82],
  );
});
