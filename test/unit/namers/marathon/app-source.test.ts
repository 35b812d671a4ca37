import assert from "node:assert/strict";
import { test } from "node:test";
import { AppSource } from "../../../../namers/marathon/app-source.ts";
import { MarathonClient } from "../../../../namers/marathon/client.ts";
import { failed, ok, type ServiceReading, sleep, type State, Var } from "../../../../src/plugin.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeMarathon } from "../../../fakes/marathon.ts";

const task = { id: "t1", host: "10.0.0.1", ports: [8_001] };

/** The application `a/users`, followed; `list` says which there are. */
async function followed(stack: AsyncDisposableStack) {
  const server = stack.use(await FakeMarathon.start());
  server.apps.set("/a/users", { tasks: [task] });
  const clock = new CountingClock();
  const context = testContext({ clock });
  const origin = { host: "127.0.0.1", port: server.port };
  const client = stack.use(new MarathonClient({ http: context.http, origin, uriPrefix: "", credentials: {} }));
  let list: (state: State<ReadonlySet<string>>) => void = () => assert.fail("nobody follows the list");
  const apps = Var.source<ReadonlySet<string>>(
    (set) => {
      list = set;
      return { [Symbol.dispose]: () => undefined };
    },
    { clock },
  );
  const pause = (signal: AbortSignal): Promise<void> => sleep(clock, 5, signal);
  const source = new AppSource({
    client,
    id: "a/users",
    apps,
    useHealthCheck: false,
    pause,
    clock,
    random: context.random,
  });
  const told: (ServiceReading | Error)[] = [];
  const tell = (each: ServiceReading | Error): void => void told.push(each);
  stack.use(source.follow({ heard: tell, failed: tell }));
  const hosts = (): string | undefined => {
    const last = told.at(-1);
    return last instanceof Error
      ? undefined
      : [...(last?.members?.values() ?? [])].map((each) => each.address.host).join();
  };
  return { server, source, told, hosts, list: (state: State<ReadonlySet<string>>) => list(state) };
}

test("its tasks are asked for while it is on the list, and the list says that it is gone", async () => {
  await using stack = new AsyncDisposableStack();
  const { server, told, hosts, list } = await followed(stack);
  assert.equal(server.asked.length, 0);
  list(ok(new Set(["a/users"])));
  await eventually("its tasks are known", () => hosts() === "10.0.0.1");
  assert.match(server.asked[0]?.target ?? "", /^\/v2\/apps\/a\/users\?embed=app\.tasks$/);
  list(ok(new Set(["another"])));
  assert.deepEqual(told.at(-1), { members: undefined });
  await quietFor(20);
  assert.deepEqual(told.at(-1), { members: undefined });
  const asked = server.asked.length;
  await quietFor(20);
  assert.equal(server.asked.length, asked, "nobody asks for its tasks any more");
});

test("a list that cannot be asked for is a failure, and takes nothing away", async () => {
  await using stack = new AsyncDisposableStack();
  const { told, list } = await followed(stack);
  list(failed(new Error("the server is down")));
  assert.match(String(told.at(-1)), /the server is down/);
});

test("a second look asks for the list first", async () => {
  await using stack = new AsyncDisposableStack();
  const { server, source } = await followed(stack);
  const { signal } = new AbortController();
  assert.equal((await source.confirm(signal)).members?.size, 1);
  server.apps.delete("/a/users");
  assert.deepEqual(await source.confirm(signal), { members: undefined });
  assert.equal(server.asked.at(-1)?.target, "/v2/apps");
});
