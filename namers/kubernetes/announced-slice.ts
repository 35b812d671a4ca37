/** An EndpointSlice of an announcer, as it is read and written. */
import type { Origin } from "linkspan/plugin";
import { type ApiObject, fieldsOf, listOf, metadataOf, portOf, textOf } from "./json-fields.ts";
import { markFields, readMarks, SERVICE_NAME } from "./slice-marks.ts";

/** As the EndpointSlice controller has it: each change is sent to every node, so slices are small. */
export const MOST_IN_SLICE = 100;

export interface SlicePort {
  readonly name: string;
  readonly port: number;
}

/** What all endpoints of one slice have in common. */
export interface SliceShape {
  readonly family: "IPv4" | "IPv6";
  readonly ports: readonly SlicePort[];
  readonly origin: Origin | undefined;
}

export interface SliceEntry {
  readonly id: string;
  readonly address: string;
  /** The name that the address was found by, where it is not itself what the instance says. */
  readonly host?: string;
  readonly ready: boolean;
  readonly zone?: string;
}

export interface AnnouncedSlice {
  readonly name: string;
  /** Of the object as it was read; undefined for one that is not there yet. */
  readonly version: string | undefined;
  readonly group: string;
  readonly member: string;
  /** Of the Service that it goes with. */
  readonly serviceUid: string | undefined;
  readonly shape: SliceShape;
  readonly entries: readonly SliceEntry[];
}

/** `undefined` for slices that no announcer wrote. */
export function readSlice(object: ApiObject): AnnouncedSlice | undefined {
  const marks = readMarks(object);
  const metadata = metadataOf(object);
  const name = textOf(metadata["name"]);
  if (!marks || name === undefined) return undefined;
  const { owner, origin, instances } = marks;
  const endpoints = listOf(object["endpoints"], "endpoints");
  const ports = listOf(object["ports"], "ports").flatMap(readPort);
  const owners = listOf(metadata["ownerReferences"], "owners");
  return {
    name,
    version: textOf(metadata["resourceVersion"]),
    group: owner.group,
    member: owner.member,
    serviceUid: textOf(fieldsOf(owners[0])["uid"]),
    shape: { family: object["addressType"] === "IPv6" ? "IPv6" : "IPv4", ports, origin },
    entries: endpoints.flatMap((each, at) => readEntry(fieldsOf(each), instances[at])),
  };
}

export interface SlicePlace {
  readonly namespace: string;
  readonly service: string;
}

/** The object as it is written; with the Service's uid it goes when the Service goes. */
export function sliceObject(slice: AnnouncedSlice, { namespace, service }: SlicePlace): ApiObject {
  const { name, version, group, member, serviceUid, shape, entries } = slice;
  const instances = entries.map(({ id, host }) => ({ id, ...(host === undefined ? {} : { host }) }));
  const { labels, annotations } = markFields({ owner: { group, member }, origin: shape.origin, instances });
  const owner = { apiVersion: "v1", kind: "Service", name: service, uid: serviceUid };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name,
      namespace,
      ...(version === undefined ? {} : { resourceVersion: version }),
      labels: { [SERVICE_NAME]: service, ...labels },
      annotations,
      ...(serviceUid === undefined ? {} : { ownerReferences: [owner] }),
    },
    addressType: shape.family,
    ports: shape.ports.map(({ name: portName, port }) => ({ name: portName, port, protocol: "TCP" })),
    endpoints: entries.map(endpointOf),
  };
}

/** Equal texts mean that endpoints may stand in one slice. */
export const shapeKey = ({ family, ports, origin }: SliceShape): string =>
  JSON.stringify([family, ports.map(({ name, port }) => [name, port]), origin?.registry, origin?.cluster]);

export const isSameEntry = (a: SliceEntry, b: SliceEntry): boolean =>
  a.id === b.id && a.address === b.address && a.host === b.host && a.ready === b.ready && a.zone === b.zone;

function endpointOf({ address, ready, zone }: SliceEntry): ApiObject {
  const conditions = { ready, serving: ready, terminating: false };
  return { addresses: [address], conditions, ...(zone === undefined ? {} : { zone }) };
}

function readEntry(
  endpoint: ApiObject,
  mark: { readonly id: string; readonly host?: string } | undefined,
): readonly SliceEntry[] {
  const address = textOf(listOf(endpoint["addresses"], "addresses")[0]);
  if (address === undefined) return [];
  const ready = fieldsOf(endpoint["conditions"])["ready"] !== false;
  const zone = textOf(endpoint["zone"]);
  // What stands there without a mark is not what was written: it is shown, so that it can be removed.
  return [{ ...(mark ?? { id: address }), address, ready, ...(zone === undefined ? {} : { zone }) }];
}

function readPort(value: unknown): readonly SlicePort[] {
  const { name, port } = fieldsOf(value);
  const number = portOf(port, "port");
  return number === undefined ? [] : [{ name: textOf(name) ?? "", port: number }];
}
