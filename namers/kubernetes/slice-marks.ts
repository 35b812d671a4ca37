/** What EndpointSlices of announcers say of themselves: who wrote them, where their instances are at home, and their ids. */
import { createHash } from "node:crypto";
import { type Origin, type Owner, readMark, showMark } from "linkspan/plugin";
import { type ApiObject, fieldsOf, isFields, listOf, metadataOf, textOf } from "./json-fields.ts";

export const SERVICE_NAME = "kubernetes.io/service-name";
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
export const MANAGER = "linkspan";
/** The group in the letters that a label may have, to choose by. */
export const GROUP_LABEL = "linkspan.io/group";
const WRITER = "linkspan.io/writer";
const INSTANCES = "linkspan.io/instances";

/** Of ids and host names: a hundred of each are well below what annotations of one object may hold (256 KiB). */
export const MOST_MARK_CHARS = 512;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const HASH_CHARS = 32;

/** Of one endpoint: its instance's id, and its host where that is a name. */
export interface InstanceMark {
  readonly id: string;
  readonly host?: string;
}

export interface SliceMarks {
  readonly owner: Owner;
  readonly origin: Origin | undefined;
  /** One for each endpoint, in their order; `undefined` for one that somebody else put there. */
  readonly instances: readonly (InstanceMark | undefined)[];
}

/** Labels and annotations. */
export interface MarkFields {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a slice with `marks` bears beside the name of its Service. */
export function markFields({ owner, origin, instances }: SliceMarks): MarkFields {
  const shown = instances.map((each) => (each?.host === undefined ? each?.id : each));
  return {
    labels: { [MANAGED_BY]: MANAGER, [GROUP_LABEL]: groupLabel(owner.group) },
    annotations: {
      [WRITER]: showMark({ owner, origin: origin ?? NOWHERE, id: "" }),
      [INSTANCES]: JSON.stringify(shown),
    },
  };
}

/** `undefined` for slices that no announcer wrote. */
export function readMarks(slice: ApiObject): SliceMarks | undefined {
  const { labels, annotations } = metadataOf(slice);
  if (fieldsOf(labels)[MANAGED_BY] !== MANAGER) return undefined;
  const notes = fieldsOf(annotations);
  const mark = readMark(textOf(notes[WRITER]) ?? "");
  if (!mark) return undefined;
  const { owner, origin } = mark;
  const endpoints = listOf(slice["endpoints"], "endpoints");
  const written = readList(textOf(notes[INSTANCES]) ?? "");
  // Where somebody changed the list of endpoints, nothing says which mark is whose.
  const isWhole = written.length === endpoints.length;
  const instances = endpoints.map((_, at) => (isWhole ? instanceMark(written[at]) : undefined));
  return { owner, origin: origin.registry === "" ? undefined : origin, instances };
}

/** A value of a label: the group itself where it can be one, else what stands for it. */
export function groupLabel(group: string): string {
  return LABEL_VALUE.test(group) ? group : `sha-${shortHash(group)}`;
}

/** For names of objects and labels that a longer text stands behind. */
export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, HASH_CHARS);

const NOWHERE: Origin = { registry: "", cluster: "" };

function readList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function instanceMark(value: unknown): InstanceMark | undefined {
  if (typeof value === "string") return value === "" ? undefined : { id: value };
  if (!isFields(value)) return undefined;
  const id = textOf(value["id"]);
  const host = textOf(value["host"]);
  return id === undefined ? undefined : { id, ...(host === undefined ? {} : { host }) };
}
