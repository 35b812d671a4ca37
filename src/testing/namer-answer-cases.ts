/** Clauses of the namer contract: what a look-up answers. */
import assert from "node:assert/strict";
import { Path } from "linkspan/plugin";
import type { CountingClock } from "./counting-clock.ts";
import { eventually } from "./eventually.ts";
import { FollowedName, FollowedVar } from "./followed-var.ts";
import type { FixtureInstance, NamerFixture } from "./namer-fixture.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface Surroundings {
  readonly clock: CountingClock;
  readonly log: RecordingLog;
}

export interface NamerCase {
  readonly name: string;
  /** Runs with a guard whose hold is short; otherwise the guard is off. */
  readonly guarded?: boolean;
  readonly down?: boolean;
  run(fixture: NamerFixture, surroundings: Surroundings): Promise<void>;
}

export const users = Path.read("/users");

/** The n-th instance that the clauses use. */
export const instance = (n: number, port = 8000 + n): FixtureInstance => ({ id: `i-${n}`, host: "127.0.0.1", port });

/** Waits until the name is bound to exactly these ports. */
export async function untilPorts(followed: FollowedName, ports: readonly number[], withinMs?: number): Promise<void> {
  const wanted = ports.map((port) => `127.0.0.1:${port}`).join();
  try {
    await eventually(`bound to ${wanted}`, () => followed.keys?.join() === wanted, withinMs);
  } catch (error) {
    const state = JSON.stringify(followed.tree.state.tag);
    throw new Error(`${String(error)}; the name is ${state}, its addresses ${String(followed.keys)}`, { cause: error });
  }
}

export const untilNeg = (followed: FollowedName): Promise<boolean> => eventually("neg", () => followed.isNeg);

export const answerCases: readonly NamerCase[] = [
  {
    name: "is pending first and ok with the first snapshot",
    async run({ namer, put }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(users));
      assert.equal(followed.tree.states[0]?.tag, "pending");
      await untilPorts(followed, [8001, 8002]);
      assert.deepEqual(
        followed.tree.states.map((state) => state.tag),
        ["pending", "ok"],
      );
    },
  },
  {
    name: "asks nothing for a name that nobody observes",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      const found = namer.lookup(users);
      assert.equal(found.sample().tag, "pending");
      assert.deepEqual(namer.watches?.() ?? [], []);
    },
  },
  {
    name: "binds a name to an id of its own without a residual",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(users));
      await untilPorts(followed, [8001]);
      assert.equal(followed.bound?.id.show, "/users");
      assert.equal(followed.bound?.residual.show, "/");
    },
  },
  {
    name: "keeps the residual of a longer path, and its id is the same",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(Path.read("/users/v1/x")));
      await untilPorts(followed, [8001]);
      assert.equal(followed.bound?.id.show, "/users");
      assert.equal(followed.bound?.residual.show, "/v1/x");
    },
  },
  {
    name: "says neg for a name that its backend does not have",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(Path.read("/nobody")));
      await untilNeg(followed);
    },
  },
  {
    name: "says neg for the empty path",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(Path.empty));
      await untilNeg(followed);
    },
  },
  {
    name: "says neg for elements that could lead elsewhere",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      for (const odd of [Path.of(".."), Path.of("."), Path.of("a/b"), Path.of("a\0b"), Path.of("..", "users")]) {
        using followed = new FollowedName(namer.lookup(odd));
        await untilNeg(followed);
      }
    },
  },
  {
    name: "names 50 services at once",
    async run({ namer, put }) {
      const services = Array.from({ length: 50 }, (_, n) => `s-${n}`);
      for (const [n, service] of services.entries()) await put(service, [instance(n)]);
      const all = services.map((service) => new FollowedName(namer.lookup(Path.of(service))));
      await Promise.all(all.map((followed, n) => untilPorts(followed, [8000 + n])));
      all.forEach((followed) => followed[Symbol.dispose]());
    },
  },
  {
    name: "lists its names and follows them",
    async run({ namer, put, drop }) {
      if (!namer.names) return assert.equal(namer.names, undefined);
      await put("users", [instance(1)]);
      using names = new FollowedVar(namer.names());
      const shown = (): string => (names.value ?? []).map((each) => each.show).join();
      await eventually("one name", () => shown() === "/users");
      await put("orders", [instance(2)]);
      await eventually("two names", () => shown() === "/orders,/users");
      await drop("users");
      await eventually("one name again", () => shown() === "/orders");
    },
  },
  {
    name: "shows its instances as a registry keeps them",
    async run({ namer, put }) {
      if (!namer.instances) return assert.equal(namer.instances, undefined);
      await put("users", [instance(1), instance(2)]);
      using instances = new FollowedVar(namer.instances(users));
      await eventually("two instances", () => instances.value?.length === 2);
      const ports = instances.value?.map((each) => `${each.host}:${each.port}:${each.ready}`).sort();
      assert.deepEqual(ports, ["127.0.0.1:8001:true", "127.0.0.1:8002:true"]);
    },
  },
  {
    name: "stays pending while its backend does not answer, then is ok",
    async run({ namer, put, stall, resume }) {
      await put("users", [instance(1)]);
      if (!stall || !resume) return assert.equal(stall, resume);
      stall();
      using followed = new FollowedName(namer.lookup(users));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(followed.tree.state.tag, "pending");
      resume();
      await untilPorts(followed, [8001]);
      assert.equal(followed.tree.states[0]?.tag, "pending");
    },
  },
];
