/** io.l5d.dnssrv is held to the contract of namers. */
import { namerContract } from "../../src/testing/namer-contract.ts";
import { DNS_IS_WITHOUT, fakeDnsFixture } from "../fakes/dns-fixture.ts";

namerContract("io.l5d.dnssrv", fakeDnsFixture, { without: DNS_IS_WITHOUT });
