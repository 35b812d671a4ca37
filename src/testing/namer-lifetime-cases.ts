/** Clauses of the namer contract: watches are shared, end with their last observer, and nothing outlives a close. */
import assert from "node:assert/strict";
import { eventually, quietFor } from "./eventually.ts";
import { FollowedName } from "./followed-var.ts";
import {
  instance,
  type NamerCase,
  portsOf,
  TROUBLE_MS,
  untilFailed,
  untilNeg,
  untilPorts,
  untilStale,
  untilWell,
} from "./namer-case.ts";

export const lifetimeCases: readonly NamerCase[] = [
  {
    name: "shares one watch between two look-ups of a name",
    needs: ["watches"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using first = new FollowedName(namer.lookup(path("users")));
      await untilPorts(first, [8001]);
      const watches = namer.watches().length;
      using second = new FollowedName(namer.lookup(path("users")));
      await untilPorts(second, [8001]);
      assert.equal(namer.watches().length, watches);
    },
  },
  {
    name: "shares the watch of a name with what has a residual beside it",
    needs: ["watches", "residuals"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using first = new FollowedName(namer.lookup(path("users")));
      await untilPorts(first, [8001]);
      const watches = namer.watches().length;
      using second = new FollowedName(namer.lookup(path("users", "more")));
      await untilPorts(second, [8001]);
      assert.equal(namer.watches().length, watches);
    },
  },
  {
    name: "keeps the watch until the last observer leaves",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      const first = new FollowedName(namer.lookup(path("users")));
      using second = new FollowedName(namer.lookup(path("users")));
      await untilPorts(first, [8001]);
      await untilPorts(second, [8001]);
      first[Symbol.dispose]();
      await put("users", [instance(1), instance(2)]);
      await untilPorts(second, [8001, 8002]);
    },
  },
  {
    name: "ends the watch when the last observer leaves",
    needs: ["watches"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      const followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      assert.notDeepEqual(namer.watches(), []);
      followed[Symbol.dispose]();
      await eventually("no watch", () => namer.watches().length === 0);
    },
  },
  {
    name: "starts anew, with the truth, when it is observed again",
    needs: ["watches"],
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      const found = namer.lookup(path("users"));
      const first = new FollowedName(found);
      await untilPorts(first, [8001]);
      first[Symbol.dispose]();
      await eventually("no watch", () => namer.watches().length === 0);
      await put("users", [instance(2)]);
      using again = new FollowedName(found);
      await untilPorts(again, [8002]);
    },
  },
  {
    name: "survives observers that come and go quickly",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      for (let n = 0; n < 50; n++) new FollowedName(namer.lookup(path("users")))[Symbol.dispose]();
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await put("users", [instance(2)]);
      await untilPorts(followed, [8002]);
    },
  },
  {
    name: "shows the state of each watch",
    needs: ["watches"],
    async run({ namer, put, down }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      const view = namer.watches().find((each) => each.name.includes("users"));
      assert.equal(view?.state, "ok");
      assert.equal(view?.endpoints, 2);
      await down();
      await eventually("stale", () => namer.watches().some((each) => each.state === "stale"), TROUBLE_MS);
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
    async run({ namer, put, connections }, { clock, path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
      assert.notEqual(followed.tree.state.tag, "failed");
    },
  },
  {
    name: "can be closed while its backend is down",
    down: true,
    async run({ namer, connections }, { clock, path }) {
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilFailed(followed);
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
    },
  },
  {
    name: "leaves no connection and no timer when it is closed",
    async run({ namer, put, connections }, { clock, path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      assert.ok(connections() > 0);
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
    },
  },
  {
    name: "tells its observers nothing more when it is closed",
    async run({ namer, put }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await namer[Symbol.asyncDispose]();
      const told = [followed.tree.states.length, followed.addresses?.states.length];
      await put("users", [instance(2)]);
      await quietFor(200);
      assert.deepEqual([followed.tree.states.length, followed.addresses?.states.length], told);
      assert.equal(portsOf(followed), "8001");
    },
  },
  {
    name: "lets a hundred names go when their observers leave",
    needs: ["watches"],
    async run({ namer, put }, { path, clock }) {
      await put("users", [instance(1)]);
      using kept = new FollowedName(namer.lookup(path("users")));
      await untilPorts(kept, [8001]);
      const before = { watches: namer.watches().length, timers: clock.waiting };
      const all = Array.from({ length: 100 }, (_, n) => new FollowedName(namer.lookup(path(`s-${n}`))));
      await Promise.all(all.map((each) => untilNeg(each)));
      assert.ok(namer.watches().length >= before.watches + 100);
      all.forEach((each) => each[Symbol.dispose]());
      await eventually("their watches are gone", () => namer.watches().length === before.watches);
      await eventually("their timers are gone", () => clock.waiting <= before.timers + 2);
      await put("users", [instance(2)]);
      await untilPorts(kept, [8002]);
    },
  },
  {
    name: "writes a few lines for a hundred names in an outage, and none while all is well",
    async run({ namer, put, down, up }, { path, log }) {
      await put("users", [instance(1)]);
      const names = ["users", ...Array.from({ length: 100 }, (_, n) => `s-${n}`)];
      const all = names.map((name) => new FollowedName(namer.lookup(path(name))));
      const [users, ...nobody] = all;
      await Promise.all([untilPorts(users as FollowedName, [8001]), ...nobody.map((each) => untilNeg(each))]);
      const lines = (): number => log.lines.filter(({ level }) => level === "warn" || level === "error").length;
      assert.equal(lines(), 0);
      await down();
      await Promise.all(all.map((each) => untilStale(each)));
      await quietFor(300);
      await up();
      await Promise.all(all.map((each) => untilWell(each)));
      assert.ok(lines() <= 10, `${lines()} lines were written`);
      all.forEach((each) => each[Symbol.dispose]());
    },
  },
  {
    name: "can be closed during an outage, after it was well",
    async run({ namer, put, down, connections }, { path, clock }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await down();
      await untilStale(followed);
      await namer[Symbol.asyncDispose]();
      await eventually("no connection", () => connections() === 0);
      await eventually("no timer", () => clock.waiting === 0);
      assert.equal(portsOf(followed), "8001");
    },
  },
];
