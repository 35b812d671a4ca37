/** io.l5d.curator is held to the contract of namers, on servers with persistent watches and on those before 3.6. */
import { curatorFixture } from "../fakes/curator-fixture.ts";
import { contractOnFakes } from "../fakes/zookeeper-fixture.ts";

contractOnFakes("io.l5d.curator", (port, given, server) => curatorFixture(port, given, {}, server), {
  // Curator's instances have no weight.
  without: ["weights"],
});
