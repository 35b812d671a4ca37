/** How a fake API server takes what is written: versions, conflicts, preconditions, and the admission of what mirrors write. */
import { isIPv4, isIPv6 } from "node:net";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import type { History, StoredObject } from "./kubernetes-history.ts";

export interface WriteQuestion {
  readonly method: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string | undefined;
  /** JSON. */
  readonly body: string;
}

/** An object as it stands then, or why not. */
export type WriteAnswer =
  | { readonly status: 200 | 201; readonly object: object }
  | { readonly status: 404 | 405 | 409 | 422; readonly reason: string; readonly message: string };

export function answerWrite(history: History, question: WriteQuestion): WriteAnswer {
  const { method, resource, namespace, name, body } = question;
  const sent = (body === "" ? {} : JSON.parse(body)) as KubeObject;
  const known = history.find(resource, namespace, name ?? sent.metadata?.name ?? "");
  if (method === "POST") {
    if (known) return conflict("AlreadyExists", `${resource} "${known.metadata.name}" already exists`);
    return admitted(sent, undefined) ?? { status: 201, object: history.put(withDefaults(sent, undefined)) };
  }
  if (!known) return { status: 404, reason: "NotFound", message: `${resource} "${name ?? ""}" not found` };
  if (method === "DELETE") return remove(history, known, sent);
  const wished = method === "PATCH" ? (merged(known, sent) as KubeObject) : sent;
  const version = sent.metadata?.["resourceVersion"];
  if (version !== undefined && version !== known.metadata.resourceVersion) {
    return conflict("Conflict", "the object has been modified; please apply your changes to the latest version");
  }
  const refusal = admitted(wished, known);
  if (refusal) return refusal;
  // What changes nothing is no new version, and nobody is told.
  const next = withDefaults(wished, known);
  return { status: 200, object: bare(next) === bare(known) ? known : history.put(next) };
}

function remove(history: History, known: StoredObject, options: object): WriteAnswer {
  const { preconditions = {} } = options as { preconditions?: { uid?: string; resourceVersion?: string } };
  const { uid = known.metadata.uid, resourceVersion = known.metadata.resourceVersion } = preconditions;
  if (uid !== known.metadata.uid || resourceVersion !== known.metadata.resourceVersion) {
    return conflict("Conflict", "the preconditions do not hold");
  }
  history.remove(known);
  collectGarbage(history, known.metadata.uid);
  return { status: 200, object: { kind: "Status", apiVersion: "v1", status: "Success" } };
}

/** What belongs to an object that is gone goes too; here at once. */
function collectGarbage(history: History, uid: string): void {
  for (const each of history.all("endpointslices")) {
    const owners = (each.metadata["ownerReferences"] ?? []) as readonly { readonly uid: string }[];
    if (owners.some((owner) => owner.uid === uid)) history.remove(each);
  }
}

const conflict = (reason: string, message: string): WriteAnswer => ({ status: 409, reason, message });
const invalid = (message: string): WriteAnswer => ({ status: 422, reason: "Invalid", message });

/** Why the object is not taken. */
function admitted(object: KubeObject, before: StoredObject | undefined): WriteAnswer | undefined {
  const { kind } = object;
  if (kind === "Service") return admitService(object, before);
  return kind === "EndpointSlice" ? admitSlice(object, before) : undefined;
}

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

const specOf = (object: KubeObject): ServiceSpec => (object["spec"] ?? {}) as ServiceSpec;

function admitService(object: KubeObject, before: StoredObject | undefined): WriteAnswer | undefined {
  const { name } = object.metadata;
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return invalid(`a DNS-1035 label must consist of: ${name}`);
  const { ports = [], clusterIP, type } = specOf(object);
  if (type !== "ExternalName" && clusterIP !== "None" && ports.length === 0)
    return invalid("spec.ports: Required value");
  if (ports.length > 1 && ports.some((each) => each.name === undefined)) return invalid("spec.ports[0].name: Required");
  const was = before && specOf(before).clusterIP;
  const isMoved = was !== undefined && clusterIP !== undefined && clusterIP !== was;
  return isMoved ? invalid("spec.clusterIPs[0]: Invalid value: may not change once set") : undefined;
}

interface Endpoint {
  readonly addresses: readonly string[];
}

function admitSlice(object: KubeObject, before: StoredObject | undefined): WriteAnswer | undefined {
  const family = object["addressType"];
  if (before && before["addressType"] !== family) return invalid("addressType: Invalid value: field is immutable");
  const endpoints = (object["endpoints"] ?? []) as readonly Endpoint[];
  if (!Array.isArray(endpoints)) return undefined;
  if (endpoints.length > 1_000) return invalid("endpoints: Too many: must have at most 1000 items");
  const annotations = Object.entries((object.metadata["annotations"] ?? {}) as Record<string, string>);
  if (annotations.flat().join("").length > 256 * 1024) return invalid("metadata.annotations: Too long");
  const labels = Object.values(object.metadata.labels ?? {});
  const badLabel = labels.find((each) => !/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(each));
  if (badLabel !== undefined) return invalid(`metadata.labels: Invalid value: "${badLabel}"`);
  const bad = endpoints.flatMap(({ addresses }) => addresses).find((each) => !isAddress(each, family));
  return bad === undefined ? undefined : invalid(`endpoints[0].addresses[0]: Invalid value: "${bad}"`);
}

function isAddress(address: string, family: unknown): boolean {
  if (family === "IPv4") return isIPv4(address) && !/^(127\.|169\.254\.|224\.0\.0\.|0\.0\.0\.0$)/.test(address);
  return family === "FQDN" || (isIPv6(address) && address !== "::1" && address !== "::");
}

let given = 0;

/** What an API server adds. */
function withDefaults(object: KubeObject, before: StoredObject | undefined): KubeObject {
  if (object.kind !== "Service" || specOf(object).type === "ExternalName") return object;
  given++;
  const spec = specOf(object);
  const clusterIP = spec.clusterIP ?? (before && specOf(before).clusterIP) ?? `10.0.${given >> 8}.${given & 255}`;
  const ports = spec.ports?.map((port) => ({ protocol: "TCP", targetPort: port.port, ...port }));
  return {
    ...object,
    spec: { type: "ClusterIP", ...spec, clusterIP, clusterIPs: [clusterIP], ...(ports ? { ports } : {}) },
  };
}

/** RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...(target as object) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** Without what the server says of it. */
function bare(object: KubeObject): string {
  const { resourceVersion: _, managedFields: __, uid: ___, ...metadata } = object.metadata;
  return JSON.stringify(sorted({ ...object, metadata }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
