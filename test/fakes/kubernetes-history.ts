/** What a fake API server keeps: objects, one version for all of them, and a bounded memory of what happened. */
import { randomUUID } from "node:crypto";
import type { KubeObject } from "../servers/kubernetes-admin.ts";

/** An object as it was written, with its version, uid and kind. */
export type StoredObject = KubeObject & {
  readonly metadata: { readonly resourceVersion: string; readonly uid: string };
};

export interface HistoryEvent {
  readonly version: number;
  readonly resource: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: StoredObject;
  readonly before: StoredObject | undefined;
}

/** Each resource with its group and kind. */
export const RESOURCES: Readonly<Record<string, { readonly group: string; readonly kind: string }>> = {
  configmaps: { group: "", kind: "ConfigMap" },
  endpoints: { group: "", kind: "Endpoints" },
  endpointslices: { group: "discovery.k8s.io", kind: "EndpointSlice" },
  ingresses: { group: "networking.k8s.io", kind: "Ingress" },
  leases: { group: "coordination.k8s.io", kind: "Lease" },
  namespaces: { group: "", kind: "Namespace" },
  nodes: { group: "", kind: "Node" },
  pods: { group: "", kind: "Pod" },
  services: { group: "", kind: "Service" },
};

const resourceOf = (kind: string): string =>
  Object.entries(RESOURCES).find(([, each]) => each.kind === kind)?.[0] ?? kind;

const keyOf = ({ kind, metadata: { namespace = "", name } }: KubeObject): string =>
  `${resourceOf(kind)}/${namespace}/${name}`;

export class History {
  /** Events that are remembered. */
  capacity = 1_000;
  #version = 1_000;
  /** What happened up to this version is forgotten. */
  #oldest = 1_000;
  #events: HistoryEvent[] = [];
  readonly #objects = new Map<string, StoredObject>();
  readonly #heard: (event: HistoryEvent) => void;

  constructor(heard: (event: HistoryEvent) => void) {
    this.#heard = heard;
  }

  get version(): number {
    return this.#version;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Writes the object, new or over what is there; of another uid it is another object of the same name. */
  put(object: KubeObject): StoredObject {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    const uid = (object.metadata["uid"] as string | undefined) ?? before?.metadata.uid ?? randomUUID();
    const metadata = { ...object.metadata, uid, resourceVersion: `${++this.#version}`, managedFields: [] };
    const stored: StoredObject = { ...object, metadata };
    this.#objects.set(key, stored);
    this.#happened(before ? "MODIFIED" : "ADDED", stored, before);
    return stored;
  }

  remove(object: KubeObject): boolean {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (!before) return false;
    this.#objects.delete(key);
    this.#happened("DELETED", at(before, ++this.#version), before);
    return true;
  }

  find(resource: string, namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(`${resource}/${namespace}/${name}`);
  }

  /** In the order of their names. */
  all(resource: string): readonly StoredObject[] {
    const found = [...this.#objects].filter(([key]) => key.startsWith(`${resource}/`));
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  since(version: number): readonly HistoryEvent[] {
    return this.#events.filter((event) => event.version > version);
  }

  /** Forgets what happened, as etcd does from time to time. */
  compact(): void {
    this.#oldest = this.#version;
    this.#events = [];
  }

  /** Something else was written: versions are the whole server's. */
  pass(versions: number): void {
    this.#version += versions;
  }

  /** Nothing is there any more, and versions begin anew, as with a new etcd. */
  wipe(): void {
    this.#objects.clear();
    this.#version = 10;
    this.compact();
  }

  #happened(type: HistoryEvent["type"], object: StoredObject, before: StoredObject | undefined): void {
    const event = { version: this.#version, resource: resourceOf(object.kind), type, object, before };
    this.#events.push(event);
    while (this.#events.length > this.capacity) this.#oldest = this.#events.shift()?.version ?? this.#oldest;
    this.#heard(event);
  }
}

/** The object with another version. */
export const at = (object: StoredObject, version: number): StoredObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: `${version}` },
});
