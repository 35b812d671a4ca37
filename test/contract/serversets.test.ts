/** io.l5d.serversets is held to the contract of namers, on servers with persistent watches and on those before 3.6. */
import { serversetFixture } from "../fakes/serverset-fixture.ts";
import { contractOnFakes } from "../fakes/zookeeper-fixture.ts";

contractOnFakes("io.l5d.serversets", serversetFixture, {
  // Every longer path may be another serverset.
  without: ["residuals"],
});
