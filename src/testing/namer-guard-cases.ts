/** Clauses of the namer contract: what the guard holds back, and how a hold ends. */
import assert from "node:assert/strict";
import { eventually, quietFor } from "./eventually.ts";
import { FollowedName } from "./followed-var.ts";
import { instance, isGone, type NamerCase, portsOf, untilGone, untilHeld, untilNeg, untilPorts } from "./namer-case.ts";

/** Longer than the hold of these clauses. */
const PAST_HOLD_MS = 1_100;
/** A namer may have to ask for what takes the place of a name; much shorter than the hold. */
const AT_ONCE_MS = 300;

export const guardCases: readonly NamerCase[] = [
  {
    name: "holds a service that is emptied at once",
    guarded: true,
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2), instance(3)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003]);
      await put("users", []);
      await untilHeld(followed);
      await untilPorts(followed, [8001, 8002, 8003]);
    },
  },
  {
    name: "ends the hold as soon as the instances are back",
    guarded: true,
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await untilHeld(followed);
      await put("users", [instance(1), instance(2)]);
      await eventually("no longer held", () => !followed.isHeld);
      await untilPorts(followed, [8001, 8002]);
      await quietFor(900);
      await untilPorts(followed, [8001, 8002]);
    },
  },
  {
    name: "believes a loss that a second read confirms after the hold",
    guarded: true,
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await untilHeld(followed);
      await eventually("believed", () => isGone(followed), 8_000);
      assert.equal(followed.isHeld, false);
    },
  },
  {
    name: "holds nothing when one of many instances goes",
    guarded: true,
    async run({ namer, put }, { path }) {
      const five = [1, 2, 3, 4, 5].map((n) => instance(n));
      await put("users", five);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003, 8004, 8005]);
      await put("users", five.slice(1));
      await untilPorts(followed, [8002, 8003, 8004, 8005]);
      assert.equal(followed.isHeld, false);
    },
  },
  {
    name: "holds nothing when all instances are replaced by as many others",
    guarded: true,
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", [instance(1), instance(2), instance(3), instance(4)]);
      await untilPorts(followed, [8001, 8002, 8003, 8004]);
      await put("users", [instance(3), instance(4)]);
      await untilPorts(followed, [8003, 8004]);
      assert.equal(followed.isHeld, false);
    },
  },
  {
    name: "holds the loss of more than half of a service, and shows beside it what is new",
    guarded: true,
    needs: ["losses"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2), instance(3), instance(4)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003, 8004]);
      await put("users", [instance(1)]);
      await untilHeld(followed);
      await untilPorts(followed, [8001, 8002, 8003, 8004]);
      await put("users", [instance(1), instance(5)]);
      await untilPorts(followed, [8001, 8002, 8003, 8004, 8005]);
      await untilPorts(followed, [8001, 8005], 8_000);
      assert.equal(followed.isHeld, false);
    },
  },
  {
    name: "holds a service that is gone as a whole, and then believes that",
    guarded: true,
    needs: ["losses"],
    async run({ namer, put, drop }, { path }) {
      await put("orders", [instance(9)]);
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await drop("users");
      await untilHeld(followed);
      assert.equal(portsOf(followed), "8001,8002");
      await eventually("believed", () => followed.isNeg, 8_000);
    },
  },
  {
    name: "holds on past its time while nobody can be asked for a second look",
    guarded: true,
    needs: ["losses"],
    async run({ namer, put, down, up }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await untilHeld(followed);
      await down();
      await quietFor(PAST_HOLD_MS);
      assert.equal(portsOf(followed), "8001,8002");
      await up();
      await untilGone(followed);
    },
  },
  {
    name: "believes at once what an operator releases",
    guarded: true,
    needs: ["release"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await untilHeld(followed);
      assert.equal(namer.release(path("users"), "ordered"), true);
      await eventually("gone long before the hold is over", () => isGone(followed), AT_ONCE_MS);
      assert.equal(namer.release(path("users"), "ordered"), false);
    },
  },
  {
    name: "believes at once what cannot be connected to",
    guarded: true,
    needs: ["release"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      assert.equal(namer.release(path("users"), "unreachable"), false);
      await put("users", []);
      await untilHeld(followed);
      assert.equal(namer.release(path("users"), "unreachable"), true);
      await eventually("gone long before the hold is over", () => isGone(followed), AT_ONCE_MS);
    },
  },
  {
    name: "holds nothing of what instances say themselves, were it all of them",
    guarded: true,
    needs: ["signs"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      const withdrawn = [1, 2].map((n) => ({ ...instance(n), ready: false }));
      await put("users", withdrawn);
      await untilGone(followed);
      assert.ok(followed.tree.states.every((state) => state.tag !== "ok" || state.held === undefined));
      assert.ok(followed.addresses?.states.every((state) => state.tag !== "ok" || state.held === undefined));
    },
  },
  {
    name: "tells a hold once, and its end once",
    guarded: true,
    async run({ namer, put }, { path, log }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await untilHeld(followed);
      await untilGone(followed);
      assert.equal(log.told("guard.held").length, 1);
      assert.equal(log.told("guard.released").length, 1);
    },
  },
  {
    name: "can be closed while a loss is held",
    guarded: true,
    async run({ namer, put, connections }, { path, clock }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await put("users", []);
      await untilHeld(followed);
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
      await quietFor(PAST_HOLD_MS);
      assert.equal(portsOf(followed), "8001,8002");
    },
  },
  {
    name: "follows a service that was held and believed",
    guarded: true,
    needs: ["losses"],
    async run({ namer, put, drop }, { path }) {
      await put("orders", [instance(9)]);
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await drop("users");
      await untilHeld(followed);
      await eventually("believed", () => followed.isNeg, 8_000);
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
      assert.equal(followed.isHeld, false);
      await drop("users");
      await untilHeld(followed);
      await untilNeg(followed);
    },
  },
];
