/** Clauses of the namer contract: all views of a service agree, and carry what the registry says of an instance. */
import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { FollowedName, FollowedVar } from "./followed-var.ts";
import { instance, type NamerCase, portsIn, portsOf, untilNeg, untilPorts } from "./namer-case.ts";

const byPort = (followed: FollowedName): Record<number, number> =>
  Object.fromEntries((followed.addresses?.value?.addresses ?? []).map(({ port, weight }) => [port, weight]));

export const viewCases: readonly NamerCase[] = [
  {
    name: "agrees with itself in addresses, instances, names and watches",
    needs: ["names", "instances", "watches"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2), instance(3)]);
      await put("orders", [instance(4)]);
      using names = new FollowedVar(namer.names());
      using instances = new FollowedVar(namer.instances(path("users")));
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003]);
      const ports = (): string => portsIn((instances.value ?? []).map(({ port }) => `:${port}`));
      await eventually("the instances are the addresses", () => ports() === portsOf(followed));
      const listed = (): readonly string[] => (names.value ?? []).map((each) => each.show);
      await eventually("both names", () =>
        [path("users").show, path("orders").show].every((each) => listed().includes(each)),
      );
      assert.ok(namer.watches().some(({ endpoints, state }) => endpoints === 3 && state === "ok"));
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
      await eventually("the instances are the addresses still", () => ports() === "8002");
    },
  },
  {
    name: "shows no instances of a name that its backend does not have",
    needs: ["instances"],
    async run({ namer, put }, { path }) {
      await put("orders", [instance(1)]);
      using instances = new FollowedVar(namer.instances(path("nobody")));
      await eventually("none", () => instances.value?.length === 0);
    },
  },
  {
    name: "gives each address the weight that the registry says",
    needs: ["weights"],
    async run({ namer, put }, { path }) {
      await put("users", [{ ...instance(1), weight: 3 }, instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      assert.deepEqual(byPort(followed), { 8001: 3, 8002: 1 });
    },
  },
  {
    name: "follows a weight that changes, and its address is the same",
    needs: ["weights"],
    async run({ namer, put }, { path }) {
      await put("users", [{ ...instance(1), weight: 3 }, instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      const { bound } = followed;
      await put("users", [{ ...instance(1), weight: 7 }, instance(2)]);
      await eventually("the new weight", () => byPort(followed)[8001] === 7);
      assert.equal(followed.bound, bound);
      assert.equal(portsOf(followed), "8001,8002");
    },
  },
  {
    name: "knows the zone of an instance",
    needs: ["zones", "instances"],
    async run({ namer, put }, { path }) {
      await put("users", [{ ...instance(1), zone: "zone-a" }, instance(2)]);
      using instances = new FollowedVar(namer.instances(path("users")));
      const zones = (): string =>
        (instances.value ?? [])
          .map(({ port, zone }) => `${port} ${zone ?? "-"}`)
          .sort()
          .join();
      await eventually("both instances", () => zones() === "8001 zone-a,8002 -");
    },
  },
  {
    name: "calls an address once that is registered twice, for as long as one of both is there",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), { ...instance(2), port: 8001 }, instance(3)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8003]);
      await put("users", [{ ...instance(2), port: 8001 }, instance(3)]);
      await put("users", [{ ...instance(2), port: 8001 }, instance(3), instance(4)]);
      await untilPorts(followed, [8001, 8003, 8004]);
    },
  },
  {
    name: "finds each of 250 instances of one service",
    async run({ namer, put }, { path }) {
      const many = Array.from({ length: 250 }, (_, n) => instance(n, 10_000 + n));
      await put("users", many);
      using followed = new FollowedName(namer.lookup(path("users")));
      const ports = many.map(({ port }) => port);
      await untilPorts(followed, ports, 10_000);
      await put("users", many.slice(1));
      await untilPorts(followed, ports.slice(1), 10_000);
    },
  },
  {
    name: "keeps apart names that begin alike",
    async run({ namer, put, drop }, { path }) {
      await put("users", [instance(1)]);
      await put("users-2", [instance(2)]);
      using one = new FollowedName(namer.lookup(path("users")));
      using two = new FollowedName(namer.lookup(path("users-2")));
      await untilPorts(one, [8001]);
      await untilPorts(two, [8002]);
      await drop("users");
      await untilNeg(one);
      await put("users-2", [instance(2), instance(3)]);
      await untilPorts(two, [8002, 8003]);
      assert.ok(one.isNeg);
    },
  },
];
