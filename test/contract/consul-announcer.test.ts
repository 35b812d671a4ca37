/** The announcer io.l5d.consul is held to the contract, with an agent's registrations and on a node of its own. */
import type { IncomingMessage } from "node:http";
import {
  announcerContract,
  type AnnouncerFixture,
  type AnnouncerFixtureOptions,
} from "../../src/testing/announcer-contract.ts";
import { FakeConsul, type Spoiling } from "../fakes/consul.ts";
import { consulAnnouncerFixture } from "../fakes/consul-announcer-fixture.ts";

const noLeader = (_: string, request: IncomingMessage): Spoiling | undefined =>
  // A plain client goes on asking a server that does answer.
  request.url?.includes("passing=true") === true ? undefined : { status: 500, body: "rpc error: No cluster leader" };

async function onFake(given: AnnouncerFixtureOptions, node: string | undefined): Promise<AnnouncerFixture> {
  const fake = await FakeConsul.start();
  fake.sessions.longestMs = 1_800;
  const verbs = {
    expire() {
      fake.local.forget("anna");
      fake.sessions.end("anna");
    },
    refuse: (refuses: boolean) => void (fake.spoil = refuses ? noLeader : undefined),
  };
  const fixture = await consulAnnouncerFixture(fake.port, given, { node }, verbs);
  return {
    ...fixture,
    async [Symbol.asyncDispose]() {
      fake.spoil = undefined;
      await fixture[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

announcerContract("io.l5d.consul with an agent", (given) => onFake(given, undefined), { without: ["payload"] });
announcerContract("io.l5d.consul on a node", (given) => onFake(given, "linkspan"), {
  // What a member left is taken away by another one.
  without: ["payload", "leases"],
});
