/** Clauses of the namer contract: how changes are followed. */
import assert from "node:assert/strict";
import { eventually, quietFor } from "./eventually.ts";
import { FollowedName } from "./followed-var.ts";
import { instance, isGone, type NamerCase, untilNeg, untilPorts } from "./namer-case.ts";

export const updateCases: readonly NamerCase[] = [
  {
    name: "does not repeat equal snapshots",
    async run({ namer, put, touch }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      const before = [followed.tree.states.length, followed.addresses?.states.length];
      await touch("users");
      await put("users", [instance(2), instance(1)]);
      await quietFor(300);
      assert.deepEqual([followed.tree.states.length, followed.addresses?.states.length], before);
    },
  },
  {
    name: "adds an instance",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await put("users", [instance(1), instance(2)]);
      await untilPorts(followed, [8001, 8002]);
    },
  },
  {
    name: "follows an instance that changes its port",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", [instance(1, 8101), instance(2)]);
      await untilPorts(followed, [8002, 8101]);
      await put("users", [instance(1, 8201), instance(2)]);
      await untilPorts(followed, [8002, 8201]);
    },
  },
  {
    name: "removes an instance",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2), instance(3)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003]);
      await put("users", [instance(1), instance(3)]);
      await untilPorts(followed, [8001, 8003]);
    },
  },
  {
    name: "replaces one instance by another",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
    },
  },
  {
    name: "leaves the tree alone while only addresses move",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      const { bound } = followed;
      const told = followed.tree.states.length;
      await put("users", [instance(1), instance(2), instance(3)]);
      await untilPorts(followed, [8001, 8002, 8003]);
      await put("users", [instance(3)]);
      await untilPorts(followed, [8003]);
      assert.equal(followed.bound, bound);
      assert.equal(followed.tree.states.length, told);
    },
  },
  {
    name: "settles on the last of many quick changes",
    async run({ namer, put }, { path }) {
      await put("users", [instance(0)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8000]);
      for (let n = 1; n <= 30; n++) await put("users", [instance(n), instance(n + 1)]);
      await untilPorts(followed, [8030, 8031]);
    },
  },
  {
    name: "finds a name that appears later",
    async run({ namer, put }, { path }) {
      await put("orders", [instance(9)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilNeg(followed);
      await put("users", [instance(1)]);
      await untilPorts(followed, [8001]);
    },
  },
  {
    name: "says that a service vanished, and binds it again when it returns",
    async run({ namer, put, drop }, { path }) {
      await put("orders", [instance(9)]);
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await drop("users");
      await untilNeg(followed);
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
      await drop("users");
      await untilNeg(followed);
    },
  },
  {
    name: "believes an empty service at once when the guard is off",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await eventually("gone", () => isGone(followed));
    },
  },
  {
    name: "keeps what is good beside garbage, and reads on when it is mended",
    async run({ namer, put, spoil, mend }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await spoil("users");
      await quietFor(200);
      await untilPorts(followed, [8001, 8002]);
      await mend("users");
      await put("users", [instance(1), instance(3)]);
      await untilPorts(followed, [8001, 8003]);
      await eventually("well again", () => !followed.isStale);
    },
  },
  {
    name: "tells of garbage once, however often it is read",
    needs: ["garbage"],
    async run({ namer, put, touch, spoil }, { log, path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await spoil("users");
      const told = (): number => log.told("instance.refused").length + log.told("namer.stale").length;
      await eventually("told", () => told() > 0);
      await touch("users");
      await quietFor(200);
      assert.equal(told(), 1);
    },
  },
  {
    name: "keeps other names apart from garbage in one",
    async run({ namer, put, spoil }, { path }) {
      await put("users", [instance(1)]);
      await put("orders", [instance(2)]);
      await spoil("users");
      using orders = new FollowedName(namer.lookup(path("orders")));
      await untilPorts(orders, [8002]);
      await put("orders", [instance(3)]);
      await untilPorts(orders, [8003]);
      assert.equal(orders.isStale, false);
    },
  },
];
