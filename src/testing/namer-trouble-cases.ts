/** Clauses of the namer contract: connections that break, answers that do not come, come slowly, or are errors. */
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

export const troubleCases: readonly NamerCase[] = [
  {
    name: "stays pending while its backend does not answer, then is ok",
    needs: ["stall"],
    async run({ namer, put, stall, resume }, { path }) {
      await put("users", [instance(1)]);
      stall();
      using followed = new FollowedName(namer.lookup(path("users")));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(followed.tree.state.tag, "pending");
      resume();
      await untilPorts(followed, [8001], TROUBLE_MS);
      assert.equal(followed.tree.states[0]?.tag, "pending");
    },
  },
  {
    name: "sees what changed while its backend stood still",
    needs: ["stall"],
    async run({ namer, put, stall, resume }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      stall();
      await put("users", [instance(2), instance(3)]);
      await quietFor(300);
      assert.equal(portsOf(followed), "8001,8002");
      resume();
      await untilPorts(followed, [8002, 8003], TROUBLE_MS);
    },
  },
  {
    name: "can be closed while its backend does not answer",
    needs: ["stall"],
    async run({ namer, put, stall, resume, connections }, { path, clock }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001]);
      stall();
      using other = new FollowedName(namer.lookup(path("orders")));
      await namer[Symbol.asyncDispose]();
      await eventually("no timer", () => clock.waiting === 0);
      resume();
      await eventually("no connection", () => connections() === 0);
      // Who watches more than the names that were asked for may know that there is none of that name.
      assert.notEqual(other.tree.value?.tag, "leaf");
    },
  },
  {
    name: "loses no change to connections that break",
    needs: ["reset"],
    async run({ namer, put, reset }, { path }) {
      await put("users", [instance(0)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8000]);
      for (let n = 1; n <= 8; n++) {
        if (n % 2 === 0) reset();
        await put("users", [instance(n), instance(n + 1)]);
        if (n % 2 === 1) reset();
        await quietFor(30);
      }
      await untilPorts(followed, [8008, 8009], TROUBLE_MS);
      await untilWell(followed);
      await put("users", [instance(1)]);
      await untilPorts(followed, [8001]);
    },
  },
  {
    name: "finds its first answer through connections that break",
    needs: ["reset"],
    async run({ namer, put, reset }, { path }) {
      await put("users", [instance(1)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      using nobody = new FollowedName(namer.lookup(path("nobody")));
      for (let n = 0; n < 5; n++) {
        await quietFor(3);
        reset();
      }
      await eventually("bound", () => portsOf(followed) === "8001", TROUBLE_MS);
      await eventually("neg", () => nobody.isNeg, TROUBLE_MS);
    },
  },
  {
    name: "reads a slow backend to the end, and believes no half of an answer",
    needs: ["slow"],
    async run({ namer, put, slow }, { path }) {
      await put("users", [instance(1), instance(2), instance(3)]);
      slow(2_000);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002, 8003], 20_000);
      slow(undefined);
      assert.ok(followed.addresses?.states.every((state) => state.tag !== "ok" || state.value.addresses.length === 3));
    },
  },
  {
    name: "keeps its set while its backend answers with errors, and follows what changed then",
    needs: ["refuse"],
    async run({ namer, put, refuse, reset }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      await untilPorts(followed, [8001, 8002]);
      await refuse(true);
      reset();
      await untilStale(followed);
      assert.equal(portsOf(followed), "8001,8002");
      await put("users", [instance(2), instance(3)]);
      await quietFor(200);
      assert.equal(portsOf(followed), "8001,8002");
      await refuse(false);
      await untilPorts(followed, [8002, 8003], TROUBLE_MS);
      await untilWell(followed);
    },
  },
  {
    name: "has failed, and says neither neg nor empty, while its first questions are answered with errors",
    needs: ["refuse"],
    async run({ namer, put, refuse }, { path }) {
      await put("users", [instance(1)]);
      await refuse(true);
      using followed = new FollowedName(namer.lookup(path("users")));
      using nobody = new FollowedName(namer.lookup(path("nobody")));
      await untilFailed(followed);
      await untilFailed(nobody);
      assert.ok(nobody.tree.states.every((state) => state.tag !== "ok"));
      await refuse(false);
      await untilPorts(followed, [8001], TROUBLE_MS);
      await eventually("neg", () => nobody.isNeg, TROUBLE_MS);
    },
  },
  {
    name: "follows on when its backend was started again with the same data",
    needs: ["restart"],
    async run({ namer, put, restart }, { path }) {
      await put("users", [instance(1), instance(2)]);
      using followed = new FollowedName(namer.lookup(path("users")));
      using nobody = new FollowedName(namer.lookup(path("nobody")));
      await untilPorts(followed, [8001, 8002]);
      await untilNeg(nobody);
      await restart();
      assert.equal(portsOf(followed), "8001,8002");
      await put("users", [instance(2), instance(3)]);
      await put("nobody", [instance(4)]);
      await untilPorts(followed, [8002, 8003], TROUBLE_MS);
      await untilPorts(nobody, [8004], TROUBLE_MS);
      await untilWell(followed);
      assert.ok(followed.tree.states.slice(1).every((state) => state.tag === "ok" && state.value.tag === "leaf"));
    },
  },
];
