/** Kubernetes' fake as a registry of many names: EndpointSlices of a hundred endpoints at most, as the real one makes them. */
import { FakeKubernetes } from "../../fakes/kubernetes.ts";
import { sliceObject } from "../../servers/kubernetes-objects.ts";
import { instanceId } from "./instance-id.ts";
import type { ScaleRegistry } from "./registry.ts";

const NAMESPACE = "scale";
const SLICE = 100;
const NODES = 500;

export async function kubernetesAtScale(): Promise<ScaleRegistry> {
  const fake = await FakeKubernetes.start();
  const hostsOf = new Map<string, string[]>();
  const write = (service: string, slice: number, port: number): void => {
    const hosts = (hostsOf.get(service) ?? []).slice(slice * SLICE, (slice + 1) * SLICE);
    const endpoints = hosts.map((host, at) => endpoint(service, slice * SLICE + at, host));
    fake.put(sliceObject({ name: `${service}-${slice}`, namespace: NAMESPACE, service, port, endpoints }));
  };
  return {
    base: `/#/r/${NAMESPACE}/http`,
    namer: `{kind: io.l5d.k8s, prefix: /r, host: 127.0.0.1, port: ${fake.port}}`,
    set(service, n, host, port) {
      const hosts = hostsOf.get(service) ?? [];
      hosts[n] = host;
      hostsOf.set(service, hosts);
      write(service, Math.floor(n / SLICE), port);
    },
    put(service, hosts, port) {
      hostsOf.set(service, [...hosts]);
      for (let slice = 0; slice * SLICE < hosts.length; slice++) write(service, slice, port);
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

/** What an API server says of a pod that is ready. */
function endpoint(service: string, n: number, host: string): object {
  const uid = instanceId(service, n);
  return {
    addresses: [host],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${n % NODES}.example`,
    zone: `zone-${n % 3}`,
    targetRef: { kind: "Pod", namespace: NAMESPACE, name: `${service}-7d4b9c8f6d-${uid.slice(0, 5)}`, uid },
  };
}
