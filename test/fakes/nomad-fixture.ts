/** linkspan.nomad over a fake agent: what the contract of namers asks for. */
import { NomadNamer, type NomadNamerOptions } from "../../namers/nomad/namer.ts";
import type { Ability, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { CutProxy } from "./cut-proxy.ts";
import { FakeNomad, type FakeRegistration } from "./nomad.ts";

/** A registration has neither, and says nothing of its health: what fails its checks is left out by Nomad. */
export const NOMAD_IS_WITHOUT: readonly Ability[] = ["weights", "zones", "signs"];

export interface NomadFixture extends NamerFixture {
  readonly nomad: FakeNomad;
  readonly namer: NomadNamer;
}

export async function nomadFixture(
  { guard, clock, log, down }: FixtureOptions,
  more: Partial<NomadNamerOptions> = {},
): Promise<NomadFixture> {
  const nomad = await FakeNomad.start();
  const proxy = await CutProxy.before(nomad.port);
  if (down) await proxy.cut();
  const options = { host: "127.0.0.1", port: proxy.port, namespace: "default", tags: [], ...more };
  const namer = new NomadNamer(options, testContext({ guard, clock, log }));
  const bad: FakeRegistration = { ID: "bad", Address: "127.0.0.1", Port: "many" };
  return {
    nomad,
    namer,
    async put(service, instances) {
      const list = instances.map(({ id, host, port }) => ({ ID: id, Address: host, Port: port }));
      if (JSON.stringify(nomad.get(service)) !== JSON.stringify(list)) nomad.set(service, list);
    },
    async touch(service) {
      nomad.set(service, nomad.get(service));
    },
    async drop(service) {
      nomad.set(service, []);
    },
    async spoil(service) {
      nomad.set(service, [...nomad.get(service), bad]);
    },
    async mend(service) {
      nomad.set(
        service,
        nomad.get(service).filter(({ ID }) => ID !== bad.ID),
      );
    },
    ...proxy.verbs,
    refuse: (refuses) => {
      nomad.refusal = refuses ? { status: 500, body: "no cluster leader" } : undefined;
    },
    async restart() {
      nomad.restoreWithLowerIndex();
      proxy.reset();
    },
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await nomad[Symbol.asyncDispose]();
    },
  };
}
