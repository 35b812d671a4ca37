/** Clauses of the namer contract: watches are shared, end with their last observer, and nothing outlives a close. */
import assert from "node:assert/strict";
import { Path } from "linkspan/plugin";
import { eventually, quietFor } from "./eventually.ts";
import { FollowedName } from "./followed-var.ts";
import { instance, type NamerCase, untilPorts, users } from "./namer-answer-cases.ts";

export const lifetimeCases: readonly NamerCase[] = [
  {
    name: "shares one watch between two look-ups of a name",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using first = new FollowedName(namer.lookup(users));
      await untilPorts(first, [8001]);
      const watches = namer.watches?.().length;
      using second = new FollowedName(namer.lookup(users));
      using third = new FollowedName(namer.lookup(Path.read("/users/more")));
      await untilPorts(second, [8001]);
      await untilPorts(third, [8001]);
      assert.equal(namer.watches?.().length, watches);
    },
  },
  {
    name: "keeps the watch until the last observer leaves",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      const first = new FollowedName(namer.lookup(users));
      using second = new FollowedName(namer.lookup(users));
      await untilPorts(first, [8001]);
      await untilPorts(second, [8001]);
      first[Symbol.dispose]();
      await put("users", [instance(1), instance(2)]);
      await untilPorts(second, [8001, 8002]);
    },
  },
  {
    name: "ends the watch when the last observer leaves",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      const followed = new FollowedName(namer.lookup(users));
      await untilPorts(followed, [8001]);
      assert.notDeepEqual(namer.watches?.(), []);
      followed[Symbol.dispose]();
      await eventually("no watch", () => (namer.watches?.() ?? []).length === 0);
    },
  },
  {
    name: "starts anew, with the truth, when it is observed again",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      const found = namer.lookup(users);
      const first = new FollowedName(found);
      await untilPorts(first, [8001]);
      first[Symbol.dispose]();
      await eventually("no watch", () => (namer.watches?.() ?? []).length === 0);
      await put("users", [instance(2)]);
      using again = new FollowedName(found);
      await untilPorts(again, [8002]);
    },
  },
  {
    name: "survives observers that come and go quickly",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      for (let n = 0; n < 50; n++) new FollowedName(namer.lookup(users))[Symbol.dispose]();
      using followed = new FollowedName(namer.lookup(users));
      await untilPorts(followed, [8001]);
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
    },
  },
  {
    name: "shows the state of each watch",
    async run({ namer, put, down }) {
      if (!namer.watches) return assert.equal(namer.watches, undefined);
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(users));
      await untilPorts(followed, [8001, 8002]);
      const view = namer.watches().find((each) => each.name.includes("users"));
      assert.equal(view?.state, "ok");
      assert.equal(view?.endpoints, 2);
      await down();
      await eventually("stale", () => namer.watches?.().some((each) => each.state === "stale"), 15_000);
      const stale = namer.watches().find((each) => each.state === "stale");
      assert.ok((stale?.cause ?? "").length > 5);
    },
  },
  {
    name: "can be closed before it was asked anything, twice",
    async run({ namer, connections }, { clock }) {
      await namer[Symbol.asyncDispose]();
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      assert.equal(clock.waiting, 0);
    },
  },
  {
    name: "can be closed while it connects",
    async run({ namer, put, connections }, { clock }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(users));
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
      assert.notEqual(followed.tree.state.tag, "failed");
    },
  },
  {
    name: "can be closed while its backend is down",
    down: true,
    async run({ namer, connections }, { clock }) {
      using followed = new FollowedName(namer.lookup(users));
      await eventually("failed", () => followed.tree.state.tag === "failed", 15_000);
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
    },
  },
  {
    name: "leaves no connection and no timer when it is closed",
    async run({ namer, put, connections }, { clock }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(users));
      await untilPorts(followed, [8001]);
      assert.ok(connections() > 0);
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
    },
  },
  {
    name: "tells its observers nothing more when it is closed",
    async run({ namer, put }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(users));
      await untilPorts(followed, [8001]);
      await namer[Symbol.asyncDispose]();
      const told = [followed.tree.states.length, followed.addresses?.states.length];
      await put("users", [instance(2)]);
      await quietFor(200);
      assert.deepEqual([followed.tree.states.length, followed.addresses?.states.length], told);
      assert.equal(followed.keys?.join(), "127.0.0.1:8001");
    },
  },
];
