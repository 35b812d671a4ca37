/** io.l5d.consul is held to the contract of namers, watching every name, and sweeping all but one. */
import type { IncomingMessage } from "node:http";
import { namerContract, type NamerFixture, type FixtureOptions } from "../../src/testing/namer-contract.ts";
import { isFastSet } from "../fakes/fast-set.ts";
import { FakeConsul, type Spoiling } from "../fakes/consul.ts";
import { consulFixture } from "../fakes/consul-fixture.ts";

/** Reads fail, writes do not. */
const noLeader = (_: string, { method }: IncomingMessage): Spoiling | undefined =>
  method === "GET" ? { status: 500, body: "rpc error: No cluster leader" } : undefined;

async function onFake(given: FixtureOptions, watches: number): Promise<NamerFixture> {
  const fake = await FakeConsul.start();
  const verbs = {
    refuse: (refuses: boolean) => void (fake.spoil = refuses ? noLeader : undefined),
    async restart() {
      fake.catalogue.resetIndexes(5);
      fake.cut();
    },
  };
  // A query whose name is let go runs out and is not broken off, so these are short.
  const fixture = await consulFixture(fake.port, given, {}, verbs, { watches, waitMs: 2_000 });
  const { [Symbol.asyncDispose]: dispose } = fixture;
  return {
    ...fixture,
    async [Symbol.asyncDispose]() {
      fake.spoil = undefined;
      await dispose();
      await fake[Symbol.asyncDispose]();
    },
  };
}

namerContract("io.l5d.consul", (given) => onFake(given, 145));
if (!isFastSet) namerContract("io.l5d.consul by sweeps", (given) => onFake(given, 1));
