/** A Lease (coordination.k8s.io/v1) as it is read and written. */
import type { ApiPlace } from "./api-place.ts";
import { type ApiObject, fieldsOf, metadataOf, textOf } from "./json-fields.ts";
import { shortHash } from "./slice-marks.ts";

export interface Lease {
  readonly version: string | undefined;
  /** `undefined` where nobody holds it. */
  readonly holder: string | undefined;
  readonly durationMs: number;
  readonly transitions: number;
  /** The whole object, to be written over. */
  readonly object: ApiObject;
}

const GROUP = "linkspan.io/lease-of";
/** RFC 1123 §2.1, and short enough for a prefix. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,60}[a-z0-9])?$/;
const PREFIX = "linkspan-";

export const leasesIn = (namespace: string): ApiPlace => ({
  path: `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`,
  shown: `Leases of ${namespace}`,
});

/** Of the group, as the name of an object. */
export const leaseName = (group: string): string => `${PREFIX}${NAME.test(group) ? group : shortHash(group)}`;

export function readLease(object: ApiObject): Lease {
  const spec = fieldsOf(object["spec"]);
  const seconds = spec["leaseDurationSeconds"];
  const transitions = spec["leaseTransitions"];
  return {
    version: textOf(metadataOf(object)["resourceVersion"]),
    holder: textOf(spec["holderIdentity"]),
    durationMs: typeof seconds === "number" ? seconds * 1000 : 0,
    transitions: typeof transitions === "number" ? transitions : 0,
    object,
  };
}

/** When it is over unless it is renewed, by its holder's clock, epoch ms; who gave it away renewed it last. */
export function leaseEnd({ object, durationMs }: Lease): number | undefined {
  const renewed = Date.parse(textOf(fieldsOf(object["spec"])["renewTime"]) ?? "");
  return Number.isNaN(renewed) ? undefined : renewed + durationMs;
}

export interface LeaseWish {
  readonly namespace: string;
  readonly group: string;
  /** The empty text gives it away. */
  readonly holder: string;
  readonly seconds: number;
  /** Epoch ms. For people: who waits goes by a clock of its own. */
  readonly now: number;
}

/** `before` is what is written over, and what says whether it changed since. */
export function leaseObject(wish: LeaseWish, before: Lease | undefined): ApiObject {
  const { namespace, group, holder, seconds, now } = wish;
  const isTaken = before?.holder !== holder && holder !== "";
  const time = microTime(now);
  const spec = {
    ...fieldsOf(before?.object["spec"]),
    holderIdentity: holder,
    leaseDurationSeconds: seconds,
    renewTime: time,
    ...(isTaken ? { acquireTime: time, leaseTransitions: (before?.transitions ?? -1) + 1 } : {}),
  };
  if (before) return { ...before.object, apiVersion: API, kind: "Lease", spec };
  const metadata = { name: leaseName(group), namespace, annotations: { [GROUP]: group } };
  return { apiVersion: API, kind: "Lease", metadata, spec };
}

const API = "coordination.k8s.io/v1";

/** MicroTime has six digits behind the point. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");
