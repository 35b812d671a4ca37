/** Where objects stand in the API, and how they are asked for. */
import type { HttpAnswer } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { type ApiError, refusalOf } from "./api-error.ts";

export interface ApiPlace {
  /** Such as `/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices`. */
  readonly path: string;
  /** `labelSelector` and `fieldSelector`. */
  readonly selectors?: Readonly<Record<string, string>>;
  /** For people: `EndpointSlices of shop`. */
  readonly shown: string;
}

export const endpointSlicesIn = (namespace: string): ApiPlace => ({
  path: `/apis/discovery.k8s.io/v1/${inNamespace(namespace)}endpointslices`,
  // What belongs to no Service is of no use.
  selectors: { labelSelector: "kubernetes.io/service-name" },
  shown: `EndpointSlices of ${namespace}`,
});

export const endpointsIn = (namespace: string): ApiPlace => ({
  path: `/api/v1/${inNamespace(namespace)}endpoints`,
  shown: `Endpoints of ${namespace}`,
});

export const servicesIn = (namespace: string): ApiPlace => ({
  path: `/api/v1/${inNamespace(namespace)}services`,
  shown: `Services of ${namespace}`,
});

export const NODES: ApiPlace = { path: "/api/v1/nodes", shown: "Nodes" };

export const configMapIn = (namespace: string, name: string): ApiPlace => ({
  path: `/api/v1/${inNamespace(namespace)}configmaps`,
  selectors: { fieldSelector: `metadata.name=${name}` },
  shown: `the ConfigMap ${name} of ${namespace}`,
});

/** In the versions in which API servers have had them, the newest first. */
export const ingressesIn = (namespace: string): readonly ApiPlace[] =>
  ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "extensions/v1beta1"].map((group) => ({
    path: `/apis/${group}/${inNamespace(namespace)}ingresses`,
    shown: `Ingresses of ${namespace}`,
  }));

/** The part of a place that is one Service's; EndpointSlices have it in a label, the others are named so. */
export function onlyOf(place: ApiPlace, service: string): ApiPlace {
  const selectors = place.path.endsWith("/endpointslices")
    ? { labelSelector: `kubernetes.io/service-name=${service}` }
    : { fieldSelector: `metadata.name=${service}` };
  return { ...place, selectors, shown: `${place.shown}, ${service} only` };
}

/** The part of a place that is one object; `namespace` is empty where it has none. Whoever may list may ask for it. */
export function objectAt(place: ApiPlace, namespace: string, name: string): ApiPlace {
  const fields = [`metadata.name=${name}`];
  if (namespace !== "") fields.push(`metadata.namespace=${namespace}`);
  const selected = place.selectors?.["fieldSelector"];
  if (selected !== undefined) fields.push(selected);
  const selectors = { ...place.selectors, fieldSelector: fields.join() };
  return { ...place, selectors, shown: `${place.shown}, ${name} only` };
}

export interface Question {
  readonly query: Readonly<Record<string, string>>;
  /** In which form it is to be answered, if not in the usual one. */
  readonly accept?: string;
  readonly signal: AbortSignal;
  readonly headTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

/** Rejects with an ApiError where the answer is another than 200; otherwise the caller owns it. */
export async function ask(access: ApiAccess, place: ApiPlace, question: Question): Promise<HttpAnswer> {
  const { query, accept = "application/json", ...limits } = question;
  const answer = await access.request({
    ...limits,
    path: `${place.path}?${new URLSearchParams({ ...place.selectors, ...query }).toString()}`,
    headers: { accept },
  });
  if (answer.status === 200) return answer;
  throw await refused(access, place, answer);
}

/** What says whom was asked for what. */
export const whatOf = (access: ApiAccess, place: ApiPlace): string => `${access.shown} does not give ${place.shown}`;

async function refused(access: ApiAccess, place: ApiPlace, answer: HttpAnswer): Promise<ApiError> {
  using held = answer;
  return await refusalOf(whatOf(access, place), held);
}

/** `*` stands for all of them. */
const inNamespace = (namespace: string): string =>
  namespace === "*" ? "" : `namespaces/${encodeURIComponent(namespace)}/`;
