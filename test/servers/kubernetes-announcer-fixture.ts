/** Announcers of Kubernetes over the real API server: what the contract of announcers asks for. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openAccess } from "../../namers/kubernetes/access-schema.ts";
import { ServiceAnnouncer, type ServiceAnnouncerOptions } from "../../namers/kubernetes/service-announcer.ts";
import type { Announcer } from "../../src/naming/announcer.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import type { AnnouncerFixture, AnnouncerFixtureOptions } from "../../src/testing/announcer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { endpointsOf, nativeSlice } from "../fakes/kubernetes-announcer-fixture.ts";
import { Lifeline, QUICK_LEASE } from "../fakes/lifeline.ts";
import type { KubernetesServer } from "./kubernetes.ts";
import type { KubeObject } from "./kubernetes-admin.ts";
import { namespaceObject } from "./kubernetes-objects.ts";

export interface KubernetesAnnouncerFixture extends AnnouncerFixture {
  readonly namespace: string;
  slices(service: string): Promise<readonly KubeObject[]>;
}

const HTTP = [{ name: "http", port: 80, from: "port" }] as const;

/** Each fixture has a namespace of its own. */
export async function kubernetesAnnouncerFixture(
  server: KubernetesServer,
  { clock = new CountingClock(), log = new RecordingLog() }: Partial<AnnouncerFixtureOptions> = {},
  over: Partial<ServiceAnnouncerOptions> = {},
): Promise<KubernetesAnnouncerFixture> {
  const proxy = await CutProxy.before(server.port);
  const namespace = over.namespace ?? `ns-${randomUUID().slice(0, 8)}`;
  await server.admin.put(namespaceObject(namespace));
  const kubeconfig = join(server.folder, `${namespace}-announcer.kubeconfig`);
  writeFileSync(kubeconfig, server.kubeconfig({ port: proxy.port }));
  const daemons = new Map<Announcer, Lifeline>();
  const make = async (): Promise<Announcer> => {
    const context = testContext({ clock, log });
    const lifeline = new Lifeline(await openAccess({ kubeconfig, inCluster: false }, context));
    const options = { namespace, service: undefined, ports: HTTP, headless: false, lease: QUICK_LEASE, ...over };
    const announcer = new ServiceAnnouncer({ ...options, open: lifeline.open }, context);
    daemons.set(announcer, lifeline);
    return announcer;
  };
  const slices = async (): Promise<readonly KubeObject[]> => {
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    return ((await server.admin.send("GET", path)) as { readonly items: readonly KubeObject[] }).items;
  };
  return {
    namespace,
    announcer: await make(),
    another: make,
    slices: async (service) =>
      (await slices()).filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service),
    seen: async (service) => (await slices()).flatMap((slice) => endpointsOf(slice, service)),
    native: (service, entry) => server.admin.put(nativeSlice(namespace, service, entry)),
    expire: (announcer) => daemons.get(announcer)?.loseLeases(),
    die: (announcer) => daemons.get(announcer)?.die(),
    down: () => proxy.cut(),
    up: () => proxy.mend(),
    connections: () => proxy.connections,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...daemons.keys()].map((each) => each[Symbol.asyncDispose]()));
      await proxy[Symbol.asyncDispose]();
    },
  };
}
