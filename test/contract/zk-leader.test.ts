/** io.l5d.zkLeader is held to the contract of namers, on servers with persistent watches and on those before 3.6. */
import { leaderFixture } from "../fakes/leader-fixture.ts";
import { contractOnFakes } from "../fakes/zookeeper-fixture.ts";

contractOnFakes("io.l5d.zkLeader", leaderFixture, {
  // A leader is where its own words say, and nothing else: with other words it withdraws what it said before.
  // Every longer path may be another group.
  without: ["residuals", "losses", "signs", "weights", "zones"],
});
