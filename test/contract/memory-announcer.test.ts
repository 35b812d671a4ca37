/** The contract of announcers, on the registry in memory that the laws of mirrors use. */
import { announcerContract } from "../../src/testing/announcer-contract.ts";
import { memoryFixture } from "../fakes/memory-fixture.ts";

announcerContract("memory", memoryFixture);
