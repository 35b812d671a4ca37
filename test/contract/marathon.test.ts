/** io.l5d.marathon is held to the contract of namers. */
import { namerContract } from "../../src/testing/namer-contract.ts";
import { MARATHON_IS_WITHOUT, marathonFixture } from "../fakes/marathon-fixture.ts";

namerContract("io.l5d.marathon", (options) => marathonFixture(options), { without: MARATHON_IS_WITHOUT });
