/** io.l5d.consul over a Consul of any make: what the contract of namers asks for. */
import { ConsulNamer } from "../../namers/consul/namer.ts";
import type { ConsulOptions } from "../../namers/consul/options.ts";
import type { ScheduleOptions } from "../../namers/consul/schedule.ts";
import { type Namer, Path } from "../../src/plugin.ts";
import type { FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { ConsulRegistry } from "./consul-registry.ts";
import { CutProxy } from "./cut-proxy.ts";

export const consulOptions = (port: number, more: Partial<ConsulOptions> = {}): ConsulOptions => ({
  host: "127.0.0.1",
  port,
  includeTag: false,
  tagAfterHash: false,
  useHealthCheck: true,
  healthStatuses: ["passing"],
  token: undefined,
  tokenFile: undefined,
  setHost: false,
  consistencyMode: "default",
  preferServiceAddress: true,
  weights: [],
  useServiceWeights: true,
  transferMetadata: false,
  tls: undefined,
  ...more,
});

/** What a server can be told beside its catalogue. */
export interface ConsulVerbs {
  refuse?(refuses: boolean): void;
  restart?(): Promise<void>;
}

export interface ConsulFixture extends NamerFixture {
  readonly proxy: CutProxy;
  /** Writes past the proxy, so it works during an outage of the namer's. */
  readonly registry: ConsulRegistry;
}

/** `port` is where the agent listens on 127.0.0.1. */
export async function consulFixture(
  port: number,
  { guard, clock, log, down }: FixtureOptions,
  more: Partial<ConsulOptions> = {},
  verbs: ConsulVerbs = {},
  limits: Partial<ScheduleOptions> = {},
): Promise<ConsulFixture> {
  const proxy = await CutProxy.before(port);
  if (down) await proxy.cut();
  const namer = new ConsulNamer(consulOptions(proxy.port, more), testContext({ guard, clock, log }), limits);
  const registry = new ConsulRegistry(port);
  return {
    namer: withoutOwnService(namer),
    proxy,
    registry,
    path: (service) => Path.of("dc1", service),
    put: (service, instances) => registry.put(service, instances),
    touch: (service) => registry.touch(service),
    drop: (service) => registry.drop(service),
    spoil: (service) => registry.spoil(service),
    mend: (service) => registry.mend(service),
    ...proxy.verbs,
    ...verbs,
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await registry.dropAll();
    },
  };
}

/** Consul is a service in its own catalogue, which no clause has put there. */
function withoutOwnService(namer: ConsulNamer): Namer {
  const own = Path.of("dc1", "consul").show;
  return {
    lookup: (path) => namer.lookup(path),
    instances: (path) => namer.instances(path),
    names: () => namer.names().map((names) => names.filter((each) => each.show !== own)),
    watches: () => namer.watches(),
    release: (path, why) => namer.release(path, why),
    [Symbol.asyncDispose]: () => namer[Symbol.asyncDispose](),
  };
}
