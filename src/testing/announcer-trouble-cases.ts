/** Clauses of the announcer contract: a registry that cannot be asked is never taken for an empty one. */
import assert from "node:assert/strict";
import {
  ANNA,
  announced,
  type AnnouncerCase,
  LEASE_MS,
  puts,
  standing,
  untilSeen,
  within,
  writeAll,
} from "./announcer-case.ts";
import { eventually } from "./eventually.ts";
import { FollowedVar } from "./followed-var.ts";

const SHORT_MS = 2_000;

export const troubleCases: readonly AnnouncerCase[] = [
  {
    name: "rejects what was called off",
    async run({ announcer }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await assert.rejects(users.standing(AbortSignal.abort(new Error("called off"))));
      await assert.rejects(announcer.owned(ANNA.group, AbortSignal.abort(new Error("called off"))));
    },
  },
  {
    name: "rejects what cannot be read during an outage, in time, and reads it afterwards",
    needs: ["down"],
    async run({ announcer, down, up }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      await down();
      await assert.rejects(users.standing(within(SHORT_MS)));
      await assert.rejects(announcer.owned(ANNA.group, within(SHORT_MS)));
      await up();
      await eventually("read again", () => standing(users).catch(() => false), LEASE_MS);
    },
  },
  {
    name: "says of each write during an outage that it failed, and makes it good afterwards",
    needs: ["down"],
    async run({ announcer, down, up, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      await down();
      const outcomes = await users.write(puts(2, 3), within(SHORT_MS));
      assert.deepEqual(
        outcomes.map(({ tag }) => tag),
        ["failed", "failed"],
      );
      await up();
      await eventually("read again", () => standing(users).catch(() => false), LEASE_MS);
      await writeAll(users, puts(1, 2, 3));
      await untilSeen({ seen }, "users", [announced(1), announced(2), announced(3)], LEASE_MS);
    },
  },
  {
    name: "shows a lease that is not confirmed as stale, and recovers",
    needs: ["down"],
    async run({ announcer, down, up }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      using lease = new FollowedVar(users.lease);
      await eventually("a lease", () => lease.value !== undefined && !lease.isStale, LEASE_MS);
      await down();
      await eventually("stale", () => lease.isStale, LEASE_MS);
      await up();
      await eventually("confirmed", () => !lease.isStale, LEASE_MS);
    },
  },
  {
    name: "rejects what the registry answers with an error, and fails what it refuses to write",
    needs: ["refuse"],
    async run({ announcer, refuse, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1));
      await refuse(true);
      await assert.rejects(users.standing(within(SHORT_MS)));
      const outcomes = await users.write(puts(2), within(SHORT_MS));
      assert.deepEqual([outcomes.length, outcomes[0]?.tag === "done"], [1, false]);
      await refuse(false);
      await eventually("read again", () => standing(users).catch(() => false), LEASE_MS);
      await writeAll(users, puts(1, 2));
      await untilSeen({ seen }, "users", [announced(1), announced(2)], LEASE_MS);
    },
  },
  {
    name: "keeps leading, or knows that it does not, while the registry cannot be reached",
    needs: ["election", "down"],
    async run({ announcer, down, up }) {
      await using election = announcer.elect(ANNA);
      using state = new FollowedVar(election.state);
      await eventually("leads", () => state.value?.leads === true, LEASE_MS);
      await down();
      await eventually("not for ever", () => state.isStale || state.value?.leads === false, LEASE_MS);
      await up();
      await eventually("leads again", () => state.value?.leads === true && !state.isStale, LEASE_MS);
    },
  },
];
