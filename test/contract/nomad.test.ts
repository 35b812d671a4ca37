/** linkspan.nomad is held to the contract of namers: with a query for each name, and with one for all of them. */
import { namerContract } from "../../src/testing/namer-contract.ts";
import { isFastSet } from "../fakes/fast-set.ts";
import { NOMAD_IS_WITHOUT, nomadFixture } from "../fakes/nomad-fixture.ts";

const without = NOMAD_IS_WITHOUT;

namerContract("linkspan.nomad", (options) => nomadFixture(options), { without });
if (!isFastSet) {
  namerContract(
    "linkspan.nomad without queries of names",
    (options) => nomadFixture(options, { maxQueries: 0, sweepMs: 50 }),
    { without },
  );
}
