/** io.l5d.consul is held to the contract of namers on a real agent. */
import { after, before, test } from "node:test";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { consulFixture } from "../fakes/consul-fixture.ts";
import { type ConsulServer, missingForConsul, startConsul } from "../servers/consul.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForConsul();
let agent: ConsulServer | undefined;

before(async () => {
  if (missing === undefined) agent = await startConsul();
});
after(async () => {
  await agent?.[Symbol.asyncDispose]();
});

test("Consul's agent is there", (t) => void requireServer(t, missing));

if (missing === undefined) {
  // It has no way to answer with errors when it is told to, and one that keeps its data takes long to start.
  const without = ["refuse", "restart"] as const;
  namerContract("io.l5d.consul on an agent", (given) => consulFixture(agent?.port ?? 0, given, {}, {}, limits), {
    without,
  });
}

/** A query whose name is let go runs out and is not broken off, so these are short. */
const limits = { waitMs: 2_000 };
