/** Clauses of the announcer contract: leases, members that stand in for each other, and elections. */
import assert from "node:assert/strict";
import type { Election } from "linkspan/plugin";
import {
  ANNA,
  announced,
  type AnnouncerCase,
  BERTA,
  keysOf,
  LEASE_MS,
  OTHER,
  puts,
  remove,
  standing,
  untilSeen,
  writeAll,
} from "./announcer-case.ts";
import { eventually, quietFor } from "./eventually.ts";
import { FollowedVar } from "./followed-var.ts";

const three = [announced(1), announced(2), announced(3)];

/** Whether it leads, and whom it holds for the leader, from its making until it is disposed. */
class Candidate implements AsyncDisposable {
  readonly #election: Election;
  readonly #state: FollowedVar<{ readonly leads: boolean; readonly leader?: string }>;

  constructor(election: Election) {
    this.#election = election;
    this.#state = new FollowedVar(election.state);
  }

  get leads(): boolean {
    return this.#state.value?.leads === true;
  }

  get leader(): string | undefined {
    return this.#state.value?.leader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state[Symbol.dispose]();
    await this.#election[Symbol.asyncDispose]();
  }
}

const untilLeads = (candidate: Candidate): Promise<boolean> => eventually("leads", () => candidate.leads, LEASE_MS);

export const leaseCases: readonly AnnouncerCase[] = [
  {
    name: "makes its entries again when its lease was lost, and counts the leases",
    needs: ["expire"],
    async run({ announcer, expire, seen }, { path }) {
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2, 3));
      using lease = new FollowedVar(users.lease);
      const first = await eventually("a lease", () => lease.value, LEASE_MS);
      await expire(announcer);
      await eventually("another lease", () => (lease.value ?? first) > first && !lease.isStale, LEASE_MS);
      await untilSeen({ seen }, "users", three, LEASE_MS);
      await eventually("mine", async () => keysOf(await standing(users), ANNA, true).size === 3, LEASE_MS);
    },
  },
  {
    name: "has the entries of a member that died go with its lease",
    needs: ["die", "leases"],
    async run({ another, die, seen }, { path }) {
      const dying = await another();
      await writeAll(dying.announce(path("users"), ANNA), puts(1, 2));
      await untilSeen({ seen }, "users", [announced(1), announced(2)]);
      await die(dying);
      await untilSeen({ seen }, "users", [], LEASE_MS);
    },
  },
  {
    name: "leaves what stands when it abandons",
    async run({ another, seen }, { path }) {
      const users = (await another()).announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2, 3));
      await users.abandon();
      await quietFor(200);
      await untilSeen({ seen }, "users", three);
    },
  },
  {
    name: "keeps what is put once more after it was let go of",
    needs: ["expire"],
    async run({ announcer, expire, seen }, { path }) {
      const before = announcer.announce(path("users"), ANNA);
      await writeAll(before, puts(1, 2));
      await before.abandon();
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2));
      using lease = new FollowedVar(users.lease);
      const first = await eventually("a lease", () => lease.value, LEASE_MS);
      await expire(announcer);
      await eventually("another lease", () => (lease.value ?? first) > first && !lease.isStale, LEASE_MS);
      await untilSeen({ seen }, "users", [announced(1), announced(2)], LEASE_MS);
    },
  },
  {
    name: "removes what it put when it is closed, and nothing of others",
    needs: ["groups"],
    async run({ announcer, another, seen }, { path }) {
      await writeAll((await another()).announce(path("users"), OTHER), puts(3));
      const users = announcer.announce(path("users"), ANNA);
      await writeAll(users, puts(1, 2));
      await users[Symbol.asyncDispose]();
      await untilSeen({ seen }, "users", [announced(3)]);
    },
  },
  {
    name: "removes what all its announcements put when the announcer is closed",
    async run({ another, seen }, { path }) {
      const closing = await another();
      await writeAll(closing.announce(path("users"), ANNA), puts(1));
      await writeAll(closing.announce(path("orders"), ANNA), puts(2));
      await closing[Symbol.asyncDispose]();
      await untilSeen({ seen }, "users", []);
      await untilSeen({ seen }, "orders", []);
    },
  },
  {
    name: "hands over from one member of a group to the next without a gap",
    needs: ["members"],
    async run({ announcer, another, seen }, { path }) {
      const before = announcer.announce(path("users"), ANNA);
      await writeAll(before, puts(1, 2, 3));
      const next = (await another()).announce(path("users"), BERTA);
      const found = keysOf(await standing(next), BERTA, false);
      assert.equal(found.size, 3, "the group's entries are seen by its other member, as not its own");
      await using gaps = watchedFor(seen, 3);
      await before.abandon();
      await writeAll(next, puts(1, 2, 3));
      const stale = keysOf(await standing(next), BERTA, false);
      await writeAll(next, [...stale.values()].map(remove));
      await untilSeen({ seen }, "users", three);
      const mine = keysOf(await standing(next), BERTA, true);
      assert.equal(mine.size, 3);
      assert.equal(await gaps.least(), 3);
    },
  },
  {
    name: "elects one of a group, and tells the others whom",
    needs: ["election"],
    async run({ announcer, another }) {
      await using anna = new Candidate(announcer.elect(ANNA));
      await untilLeads(anna);
      await using berta = new Candidate((await another()).elect(BERTA));
      await eventually("told", () => berta.leader === ANNA.member, LEASE_MS);
      await quietFor(300);
      assert.deepEqual([anna.leads, berta.leads], [true, false]);
    },
  },
  {
    name: "elects in each group for itself",
    needs: ["election"],
    async run({ announcer, another }) {
      await using anna = new Candidate(announcer.elect(ANNA));
      await using carl = new Candidate((await another()).elect(OTHER));
      await untilLeads(anna);
      await untilLeads(carl);
    },
  },
  {
    name: "elects the next when the leader resigns",
    needs: ["election"],
    async run({ announcer, another }) {
      const anna = new Candidate(announcer.elect(ANNA));
      await untilLeads(anna);
      await using berta = new Candidate((await another()).elect(BERTA));
      await eventually("told", () => berta.leader === ANNA.member, LEASE_MS);
      await anna[Symbol.asyncDispose]();
      await untilLeads(berta);
    },
  },
  {
    name: "elects the next when the leader died",
    needs: ["election", "die"],
    async run({ announcer, another, die }) {
      const dying = await another();
      const anna = new Candidate(dying.elect(ANNA));
      await untilLeads(anna);
      await using berta = new Candidate(announcer.elect(BERTA));
      await eventually("told", () => berta.leader === ANNA.member, LEASE_MS);
      await die(dying);
      await untilLeads(berta);
    },
  },
  {
    name: "stops leading before another begins, when its lease is lost",
    needs: ["election", "expire"],
    async run({ announcer, another, expire }) {
      await using anna = new Candidate(announcer.elect(ANNA));
      await untilLeads(anna);
      await using berta = new Candidate((await another()).elect(BERTA));
      await eventually("told", () => berta.leader === ANNA.member, LEASE_MS);
      await expire(announcer);
      await eventually("one leads", () => {
        assert.ok(!(anna.leads && berta.leads), "no two lead at once");
        return berta.leads || (anna.leads && berta.leader === ANNA.member);
      });
      await quietFor(300);
      assert.ok(!(anna.leads && berta.leads), "no two lead at once");
    },
  },
];

interface Gaps extends AsyncDisposable {
  /** The fewest entries that were seen until now. */
  least(): Promise<number>;
}

/** Reads on and on, beside what happens. */
function watchedFor(seen: (service: string) => Promise<readonly unknown[]>, atFirst: number): Gaps {
  let fewest = atFirst;
  const over = new AbortController();
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      fewest = Math.min(fewest, (await seen("users")).length);
      await quietFor(1);
    }
  };
  const looking = look();
  const end = async (): Promise<void> => {
    over.abort();
    await looking;
  };
  return { least: () => end().then(() => fewest), [Symbol.asyncDispose]: end };
}
