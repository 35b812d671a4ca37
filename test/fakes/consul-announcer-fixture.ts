/** The announcer io.l5d.consul over a Consul of any make: what the contract of announcers asks for. */
import { type AnnouncerLimits, ConsulAnnouncer, type ConsulAnnouncerOptions } from "../../namers/consul/announcer.ts";
import type { AnnouncerFixture, AnnouncerFixtureOptions, SeenEntry } from "../../src/testing/announcer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { ConsulRegistry } from "./consul-registry.ts";
import { CutProxy } from "./cut-proxy.ts";

/** So short that clauses need not wait for what takes a minute. */
export const SHORT_LIMITS: AnnouncerLimits = {
  ttlMs: 2_000,
  stepMs: 200,
  everyMs: 200,
  leftMs: 0,
  lockDelaySeconds: 2,
  fenceMs: 1_500,
};

export const announcerOptions = (port: number, more: Partial<ConsulAnnouncerOptions> = {}): ConsulAnnouncerOptions => ({
  host: "127.0.0.1",
  port,
  tls: undefined,
  token: undefined,
  tokenFile: undefined,
  service: undefined,
  tags: [],
  node: undefined,
  ...more,
});

interface Daemon {
  readonly announcer: ConsulAnnouncer;
  readonly proxy: CutProxy;
}

/** `port` is where the agent listens on 127.0.0.1. `verbs` are those that take an order to the server itself. */
export async function consulAnnouncerFixture(
  port: number,
  { clock, log }: AnnouncerFixtureOptions,
  more: Partial<ConsulAnnouncerOptions> = {},
  verbs: Pick<AnnouncerFixture, "expire" | "refuse"> = {},
): Promise<AnnouncerFixture> {
  const registry = new ConsulRegistry(port);
  const natives = new Set<string>();
  const daemons: Daemon[] = [];
  const open = async (): Promise<ConsulAnnouncer> => {
    const proxy = await CutProxy.before(port);
    const options = announcerOptions(proxy.port, more);
    const announcer = new ConsulAnnouncer(options, testContext({ clock, log }), SHORT_LIMITS);
    daemons.push({ announcer, proxy });
    return announcer;
  };
  const first = await open();
  const each = (verb: (proxy: CutProxy) => Promise<void>) => Promise.all(daemons.map(({ proxy }) => verb(proxy)));
  return {
    announcer: first,
    another: open,
    seen: (service) => seenAt(port, service),
    async native(service, { host, port: at }) {
      natives.add(service);
      const registered = { ID: `native-${host}`, Service: service, Address: host, Port: at };
      await registry.send("catalog/register", { Node: `of-${service}`, Address: "127.0.0.1", Service: registered });
    },
    async die(announcer) {
      await daemons.find((daemon) => daemon.announcer === announcer)?.proxy.cut();
    },
    async down() {
      await each((proxy) => proxy.cut());
    },
    async up() {
      await each((proxy) => proxy.mend());
    },
    connections: () => daemons.reduce((sum, { proxy }) => sum + proxy.connections, 0),
    ...verbs,
    async [Symbol.asyncDispose]() {
      for (const { announcer, proxy } of daemons.splice(0)) {
        await announcer[Symbol.asyncDispose]();
        await proxy[Symbol.asyncDispose]();
      }
      for (const service of natives) await registry.send("catalog/deregister", { Node: `of-${service}` });
    },
  };
}

/** As a plain client of Consul sees it. */
async function seenAt(port: number, service: string): Promise<readonly SeenEntry[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/health/service/${service}?passing=true&consistent=true`);
  const all = (await answer.json()) as readonly {
    readonly Service: { readonly Address: string; readonly Port: number };
    readonly Checks: readonly { readonly Status: string }[];
  }[];
  return all
    .filter(({ Checks: checks }) => checks.every((check) => check.Status === "passing"))
    .map(({ Service: { Address: host, Port: at } }) => ({ host, port: at }));
}
