/** Objects of Kubernetes as tests write them. */
import type { KubeObject } from "./kubernetes-admin.ts";

export const namespaceObject = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
});

export interface ServiceParts {
  readonly name: string;
  readonly namespace: string;
  /** Its pods' labels; without it nobody but the test makes its EndpointSlices. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** `http` is port 80 of the Service, and this of its pods. */
  readonly targetPort?: number | string;
  readonly more?: object;
}

/** Headless, so that it takes no address of the range. */
export function serviceObject({ name, namespace, selector, labels, targetPort, more }: ServiceParts): KubeObject {
  const port = { name: "http", port: 80, ...(targetPort === undefined ? {} : { targetPort }) };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
    spec: { clusterIP: "None", ports: [port], ...(selector === undefined ? {} : { selector }), ...more },
  };
}

export interface SliceParts {
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly port?: number;
  readonly protocol?: "TCP" | "UDP";
  readonly endpoints: readonly object[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export function sliceObject(parts: SliceParts): KubeObject {
  const { name, namespace, service, port = 8080, protocol = "TCP", endpoints, annotations } = parts;
  const labels = { "kubernetes.io/service-name": service, "endpointslice.kubernetes.io/managed-by": "linkspan-tests" };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels, ...(annotations === undefined ? {} : { annotations }) },
    addressType: "IPv4",
    ports: [{ name: "http", port, protocol }],
    endpoints,
  };
}

export const nodeObject = (name: string, zone: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "topology.kubernetes.io/zone": zone } },
});

export interface PodParts {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeName: string;
  /** The port that it names `http`. */
  readonly port: number;
}

export function podObject({ name, namespace, labels, nodeName, port }: PodParts): KubeObject {
  const container = { name: "main", image: "none", ports: [{ name: "http", containerPort: port }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: { nodeName, containers: [container] },
  };
}

/** What a kubelet would say of a pod, for its `status`. */
export function podStatus(ip: string, ready: boolean): object {
  const condition = { type: "Ready", status: ready ? "True" : "False" };
  return { status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [condition] } };
}
