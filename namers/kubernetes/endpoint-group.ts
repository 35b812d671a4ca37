/** EndpointSlices and Endpoints as one thing: groups of endpoints that have the same ports. */
import {
  type Announced,
  type Endpoint,
  sliceEndpoint,
  type Spots,
  type SpotTable,
  subsetEndpoint,
} from "./endpoint.ts";
import { type GroupPorts, isSamePorts, PortLists } from "./group-ports.ts";
import { type ApiObject, fieldsOf, listOf, metadataOf, textOf } from "./json-fields.ts";
import type { Keeper } from "./object-store.ts";
import { PackedEndpoints } from "./packed-endpoints.ts";
import { readMarks, SERVICE_NAME } from "./slice-marks.ts";

/** An EndpointSlice, or a subset of Endpoints: each of its endpoints at each of its ports. */
export class EndpointGroup {
  readonly ports: GroupPorts;
  readonly #kept: readonly Endpoint[] | PackedEndpoints;

  /** `spots`: that of the places where they run. */
  constructor(ports: GroupPorts, endpoints: readonly Endpoint[], spots: SpotTable) {
    this.ports = ports;
    this.#kept = PackedEndpoints.of(endpoints, spots) ?? endpoints;
  }

  /** Whether they are made anew each time that they are asked for, since they are few. */
  get isPacked(): boolean {
    return this.#kept instanceof PackedEndpoints;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#kept instanceof PackedEndpoints ? this.#kept.unpacked() : this.#kept;
  }

  /** Of small groups nothing is unpacked. */
  isSame(other: EndpointGroup): boolean {
    if (!isSamePorts(this.ports, other.ports)) return false;
    const [mine, theirs] = [this.#kept, other.#kept];
    if (mine instanceof PackedEndpoints && theirs instanceof PackedEndpoints) return mine.isSame(theirs);
    const [all, others] = [this.endpoints, other.endpoints];
    return all.length === others.length && all.every((endpoint, at) => endpoint.isSame(others[at] as Endpoint));
  }
}

/** What is kept of one EndpointSlice or Endpoints. */
export interface ServiceGroups {
  readonly service: string;
  /** The value of the label that names are chosen by, where there is such a choice. */
  readonly label: string | undefined;
  readonly groups: readonly EndpointGroup[];
}

/** An EndpointSlice is one group, and there are tens of thousands of them. */
class SliceGroup extends EndpointGroup implements ServiceGroups {
  readonly service: string;
  readonly label: string | undefined;

  constructor(service: string, label: string | undefined, ...group: ConstructorParameters<typeof EndpointGroup>) {
    super(...group);
    this.service = service;
    this.label = label;
  }

  get groups(): readonly EndpointGroup[] {
    return [this];
  }
}

const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

/** `labelKey`: whose value is kept. */
export class SliceKeeper implements Keeper<ServiceGroups> {
  readonly #labelKey: string | undefined;
  readonly #spots: Spots;
  readonly #ports = new PortLists();

  constructor(labelKey: string | undefined, spots: Spots) {
    this.#labelKey = labelKey;
    this.#spots = spots;
  }

  keep(object: ApiObject): ServiceGroups | undefined {
    const labels = fieldsOf(metadataOf(object)["labels"]);
    const service = textOf(labels[SERVICE_NAME]);
    if (service === undefined) return undefined;
    const announced = announcedIn(object);
    const endpoints = listOf(object["endpoints"], "endpoints").map((each, at) =>
      sliceEndpoint(each, this.#spots, announced?.[at]),
    );
    const label = labelOf(labels, this.#labelKey);
    return new SliceGroup(service, label, this.#ports.read(object["ports"]), endpoints, this.#spots.table);
  }

  isSame(a: ServiceGroups, b: ServiceGroups): boolean {
    return isSameGroups(a, b);
  }
}

export class EndpointsKeeper implements Keeper<ServiceGroups> {
  readonly #labelKey: string | undefined;
  readonly #spots: Spots;
  readonly #ports = new PortLists();
  readonly #truncated: (service: string) => void;

  /** `truncated`: hears of Services some of whose endpoints the API server left out. */
  constructor(labelKey: string | undefined, spots: Spots, truncated: (service: string) => void) {
    this.#labelKey = labelKey;
    this.#spots = spots;
    this.#truncated = truncated;
  }

  keep(object: ApiObject): ServiceGroups | undefined {
    const { name, labels, annotations } = metadataOf(object);
    const service = textOf(name);
    if (service === undefined) return undefined;
    const groups = listOf(object["subsets"], "subsets").map((each) => this.#subset(fieldsOf(each)));
    if (fieldsOf(annotations)[OVER_CAPACITY] === "truncated") this.#truncated(service);
    return { service, label: labelOf(fieldsOf(labels), this.#labelKey), groups };
  }

  isSame(a: ServiceGroups, b: ServiceGroups): boolean {
    return isSameGroups(a, b);
  }

  #subset({ addresses, notReadyAddresses, ports }: ApiObject): EndpointGroup {
    const ready = listOf(addresses, "addresses").map((each) => subsetEndpoint(each, "ready", this.#spots));
    const out = listOf(notReadyAddresses, "addresses").map((each) => subsetEndpoint(each, "out", this.#spots));
    return new EndpointGroup(this.#ports.read(ports), [...ready, ...out], this.#spots.table);
  }
}

/** What was announced, in the order of the endpoints; `undefined` of slices that no announcer wrote. */
function announcedIn(slice: ApiObject): readonly (Announced | undefined)[] | undefined {
  const marks = readMarks(slice);
  return marks?.instances.map((each) => each && { id: each.id, group: marks.owner.group, origin: marks.origin });
}

function labelOf(labels: ApiObject, key: string | undefined): string | undefined {
  const value = key === undefined ? undefined : labels[key];
  return typeof value === "string" ? value : undefined;
}

function isSameGroups(a: ServiceGroups, b: ServiceGroups): boolean {
  return (
    a.service === b.service &&
    a.label === b.label &&
    a.groups.length === b.groups.length &&
    a.groups.every((group, at) => group.isSame(b.groups[at] as EndpointGroup))
  );
}
