/** io.l5d.dnssrv over a name server of any make: what the contract of namers asks for. */
import { DnsNamer, type DnsNamerOptions } from "../../namers/dns-srv/namer.ts";
import type { Ability, FixtureInstance, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { Dnsmasq } from "../servers/dnsmasq.ts";
import { FakeDnsServer } from "./dns-server.ts";

export const ZONE = "svc.test";
/** A name server's answers hold at least a second; the contract waits for many of them. */
const REFRESH_MS = 40;

export function dnsNamer(
  port: number,
  options: Pick<FixtureOptions, "guard" | "clock" | "log">,
  more: Partial<DnsNamerOptions> = {},
): DnsNamer {
  return new DnsNamer(
    {
      servers: [{ host: "127.0.0.1", port }],
      refreshMs: REFRESH_MS,
      takesHosts: false,
      readResolverConf: async () => `search ${ZONE}\n`,
      ...more,
    },
    testContext(options),
  );
}

export async function fakeDnsFixture(options: FixtureOptions): Promise<NamerFixture & { readonly dns: FakeDnsServer }> {
  const dns = await FakeDnsServer.start();
  dns.hosts.set(`here.${ZONE}`, ["127.0.0.1"]);
  dns.withAdditionals = true;
  if (options.down) await dns.down();
  const namer = dnsNamer(dns.port, options);
  const nameOf = (service: string): string => `${service}.${ZONE}`;
  const garbage = { target: `nowhere.${ZONE}`, port: 1 };
  return {
    dns,
    namer,
    async put(service, instances) {
      const records = instances.map(({ port, weight = 1 }) => ({ target: `here.${ZONE}`, port, weight }));
      dns.services.set(nameOf(service), records);
    },
    async touch() {
      // Whoever asks is told the same again.
    },
    async drop(service) {
      dns.services.delete(nameOf(service));
    },
    async spoil(service) {
      dns.services.set(nameOf(service), [...(dns.services.get(nameOf(service)) ?? []), garbage]);
    },
    async mend(service) {
      dns.services.set(
        nameOf(service),
        (dns.services.get(nameOf(service)) ?? []).filter((each) => each !== garbage),
      );
    },
    down: () => dns.down(),
    up: () => dns.up(),
    stall: () => dns.stall(),
    resume: () => dns.resume(),
    refuse: (refuses) => {
      dns.mood = refuses ? "servfail" : "well";
    },
    async restart() {
      await dns.down();
      await dns.up();
    },
    reset: noConnection,
    // A question has a socket for its own time only; what stays is the watch.
    connections: () => namer.watches().length,
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
    },
  };
}

/** A question has a socket of its own: there is nothing to break between two. */
const noConnection = (): void => undefined;

/** DNS lists no names, has no zones and no instances that are not ready; a question has no connection to break. */
export const DNS_IS_WITHOUT: readonly Ability[] = ["names", "zones", "signs", "reset", "slow"];

/** dnsmasq answers no question by an error where it has the zone itself. */
export async function dnsmasqFixture(options: FixtureOptions): Promise<NamerFixture> {
  const server = await Dnsmasq.make();
  const services = new Map<string, readonly FixtureInstance[]>();
  const spoiled = new Set<string>();
  let isFrozen = false;
  let isOutdated = false;
  let writing: Promise<void> = Promise.resolve();
  /** One after the other. What is written to a server that stands still it reads when it goes on. */
  const write = (): Promise<void> => {
    if (isFrozen) {
      isOutdated = true;
      return Promise.resolve();
    }
    const records = [...services].flatMap(([service, instances]) =>
      instances.map(({ port, weight = 1 }) => `srv-host=${service}.${ZONE},here.${ZONE},${port},0,${weight}`),
    );
    const garbage = [...spoiled].map((service) => `srv-host=${service}.${ZONE},nowhere.${ZONE},1`);
    writing = writing.then(() => server.write([`host-record=here.${ZONE},127.0.0.1`, ...records, ...garbage]));
    return writing;
  };
  const namer = dnsNamer(server.port, options);
  await write();
  if (!options.down) await server.start();
  return {
    namer,
    put(service, instances) {
      services.set(service, instances);
      return write();
    },
    touch: write,
    drop(service) {
      services.delete(service);
      return write();
    },
    spoil(service) {
      spoiled.add(service);
      return write();
    },
    mend(service) {
      spoiled.delete(service);
      return write();
    },
    down: () => server.stop(),
    up: () => server.start(),
    stall() {
      isFrozen = true;
      server.freeze();
    },
    resume() {
      isFrozen = false;
      server.thaw();
      if (isOutdated) void write();
      isOutdated = false;
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    connections: () => namer.watches().length,
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await writing;
      await server[Symbol.asyncDispose]();
    },
  };
}
