/** Announcers of Kubernetes over the fake API server: what the contract of announcers asks for. */
import { plainAccess } from "../../namers/kubernetes/api-access.ts";
import { ServiceAnnouncer } from "../../namers/kubernetes/service-announcer.ts";
import type { Announcer } from "../../src/naming/announcer.ts";
import type { AnnouncerFixture, AnnouncerFixtureOptions, SeenEntry } from "../../src/testing/announcer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import { sliceObject } from "../servers/kubernetes-objects.ts";
import { CutProxy } from "./cut-proxy.ts";
import { FakeKubernetes } from "./kubernetes.ts";
import { Lifeline, QUICK_LEASE } from "./lifeline.ts";

const NAMESPACE = "shop";

export async function kubernetesAnnouncerFixture({ clock, log }: AnnouncerFixtureOptions): Promise<AnnouncerFixture> {
  const server = await FakeKubernetes.start();
  const proxy = await CutProxy.before(server.port);
  const daemons = new Map<Announcer, Lifeline>();
  const make = (): Announcer => {
    const context = testContext({ clock, log });
    const lifeline = new Lifeline(() => plainAccess({ host: "127.0.0.1", port: proxy.port }, context));
    const ports = [{ name: "http", port: 80, from: "port" }] as const;
    const options = { namespace: NAMESPACE, service: undefined, ports, headless: false, lease: QUICK_LEASE };
    const announcer = new ServiceAnnouncer({ ...options, open: lifeline.open }, context);
    daemons.set(announcer, lifeline);
    return announcer;
  };
  return {
    announcer: make(),
    another: async () => make(),
    seen: async (service) => server.history.all("endpointslices").flatMap((slice) => endpointsOf(slice, service)),
    native: async (service, { host, port }) => server.put(nativeSlice(NAMESPACE, service, { host, port })),
    expire: (announcer) => daemons.get(announcer)?.loseLeases(),
    die: (announcer) => daemons.get(announcer)?.die(),
    refuse: (refuses) => void (server.refusal = refuses ? { status: 500, reason: "InternalError" } : undefined),
    down: () => proxy.cut(),
    up: () => proxy.mend(),
    connections: () => proxy.connections,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...daemons.keys()].map((each) => each[Symbol.asyncDispose]()));
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Each endpoint that is ready, at each port of its slice: as whoever calls the Service finds them. */
export function endpointsOf(slice: KubeObject, service: string): readonly SeenEntry[] {
  if (slice.metadata.labels?.["kubernetes.io/service-name"] !== service) return [];
  const endpoints = (slice["endpoints"] ?? []) as readonly Endpoint[];
  const ports = (slice["ports"] ?? []) as readonly { readonly port: number }[];
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  return ready.flatMap(({ addresses: [host = ""] }) => ports.map(({ port }) => ({ host, port })));
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
}

export function nativeSlice(namespace: string, service: string, { host, port }: SeenEntry): KubeObject {
  const endpoints = [{ addresses: [host], conditions: { ready: true } }];
  return sliceObject({
    name: `${service}-native-${host}`,
    namespace,
    service,
    ...(port === undefined ? {} : { port }),
    endpoints,
  });
}
