/** Clauses of the namer contract: a backend that cannot be reached takes nothing away. */
import assert from "node:assert/strict";
import { eventually, quietFor } from "./eventually.ts";
import { FollowedName } from "./followed-var.ts";
import {
  instance,
  type NamerCase,
  portsOf,
  TROUBLE_MS,
  untilFailed,
  untilPorts,
  untilStale,
  untilWell,
} from "./namer-case.ts";

export const outageCases: readonly NamerCase[] = [
  {
    name: "has failed, with a reason, when its backend is down from the start",
    down: true,
    async run({ namer }, { path }) {
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilFailed(followed);
      const { state } = followed.tree;
      assert.ok(state.tag === "failed" && state.cause.message.length > 10);
      assert.ok(!state.cause.message.includes("\n"));
    },
  },
  {
    name: "is ok by itself when its backend comes up later",
    down: true,
    async run({ namer, up, put }, { path }) {
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilFailed(followed);
      await up();
      await put("users", [instance(1)]);
      await untilPorts(followed, [8001], 15_000);
      await untilWell(followed);
    },
  },
  {
    name: "never says neg for what it could not ask",
    down: true,
    async run({ namer }, { path }) {
      using followed = new FollowedName(namer.lookup(path("nobody")));
      await untilFailed(followed);
      await quietFor(300);
      assert.ok(followed.tree.states.every((state) => state.tag !== "ok"));
    },
  },
  {
    name: "keeps its value, stale and dated, when its backend goes down",
    async run({ namer, put, down }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      const before = Date.now();
      await down();
      await untilStale(followed);
      await untilPorts(followed, [8001, 8002]);
      const { state } = followed.tree;
      assert.ok(state.tag === "ok" && state.stale && state.stale.since >= before - 1_000);
      assert.ok(state.stale.cause.message.length > 5);
    },
  },
  {
    name: "keeps saying neg, stale, for what was unknown when its backend went down",
    async run({ namer, put, down }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("nobody")));
      await eventually("neg", () => followed.isNeg);
      await down();
      await untilStale(followed);
      assert.ok(followed.isNeg);
    },
  },
  {
    name: "confirms its value when its backend is back",
    async run({ namer, put, down, up }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await down();
      await untilStale(followed);
      await up();
      await untilWell(followed);
      await untilPorts(followed, [8001, 8002]);
    },
  },
  {
    name: "comes to its backend's view when that changed during an outage",
    async run({ namer, put, down, up }, { path }) {
      await put("users", [instance(1), instance(2), instance(3)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003]);
      await down();
      await untilStale(followed);
      await up();
      await put("users", [instance(1, 8101), instance(3), instance(4)]);
      await untilPorts(followed, [8003, 8004, 8101], 15_000);
      await untilWell(followed);
    },
  },
  {
    name: "follows changes after an outage",
    async run({ namer, put, down, up }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await down();
      await untilStale(followed);
      await up();
      await untilWell(followed);
      await put("users", [instance(1), instance(2)]);
      await untilPorts(followed, [8001, 8002]);
    },
  },
  {
    name: "survives two outages",
    async run({ namer, put, down, up }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      for (const n of [2, 3]) {
        await down();
        await untilStale(followed);
        await up();
        await untilWell(followed);
        await put("users", [instance(n)]);
        await untilPorts(followed, [8000 + n]);
      }
    },
  },
  {
    name: "is never less than ok during an outage",
    async run({ namer, put, down, up }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      const told = followed.tree.states.length;
      await down();
      await untilStale(followed);
      await up();
      await untilWell(followed);
      for (const state of followed.tree.states.slice(told)) {
        assert.ok(state.tag === "ok" && state.value.tag === "leaf");
      }
      for (const state of followed.addresses?.states.slice(1) ?? []) {
        assert.ok(state.tag === "ok" && state.value.addresses.length === 1);
      }
    },
  },
  {
    name: "tells an outage once, and its end once",
    async run({ namer, put, down, up }, { log, path }) {
      await put("users", [instance(1)]);
      await put("orders", [instance(2)]);
      using first = new FollowedName(namer.lookup(path("users")));
      using second = new FollowedName(namer.lookup(path("orders")));
      await untilPorts(first, [8001]);
      await untilPorts(second, [8002]);
      await down();
      await untilStale(first);
      await untilStale(second);
      await quietFor(300);
      await up();
      await untilWell(first);
      await untilWell(second);
      assert.equal(log.told("namer.stale").length, 1);
      await eventually("told the end", () => log.told("namer.recovered").length === 1);
    },
  },
  {
    name: "starts in failure and not in memory when it is first asked during an outage",
    async run({ namer, put, down }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      await down();
      await untilStale(followed);
      // Who reads a list of all names may still have a fresh one at the first question, and no trouble to tell of.
      await eventually(
        "failed",
        async () => {
          using other = new FollowedName(namer.lookup(path("never-asked")));
          await eventually("an answer", () => other.tree.state.tag !== "pending", TROUBLE_MS);
          return other.tree.state.tag === "failed";
        },
        TROUBLE_MS,
      );
      assert.equal(portsOf(followed), "8001");
    },
  },
];
