/** What a name of a Service's endpoints means, as its objects have it; of a small one only these are kept. */
import { RemadeMap } from "linkspan/plugin";
import type { Member } from "./endpoint.ts";
import type { ServiceGroups } from "./endpoint-group.ts";
import type { NodeEntry } from "./node-entry.ts";
import type { ServiceEntry } from "./service-entry.ts";
import type { ServiceName } from "./service-name.ts";
import { readService, type Look } from "./service-reading.ts";

/** What was read of a name. */
export interface EndpointFacts {
  readonly all: readonly ServiceGroups[];
  /** Only where the port is wanted by number, and with `nodes`. */
  readonly entry?: ServiceEntry | undefined;
  readonly nodes?: readonly NodeEntry[] | undefined;
}

const MOST_REMADE = 100;

export function readEndpoints(name: ServiceName, facts: EndpointFacts): Look {
  const look = lookAt(name, facts);
  const { members } = look;
  if (members === undefined || members.size > MOST_REMADE || !isPacked(facts)) return look;
  return { ...look, members: new LookedMembers(name, facts, members) };
}

/** Nearly all names have one object, and there are tens of thousands of them. */
class LookedMembers extends RemadeMap<string, Member> {
  readonly #name: ServiceName;
  readonly #all: ServiceGroups | readonly ServiceGroups[];
  readonly #entry: ServiceEntry | undefined;

  constructor(name: ServiceName, { all, entry }: EndpointFacts, made: ReadonlyMap<string, Member>) {
    super(made);
    const [first] = all;
    this.#name = name;
    this.#all = first !== undefined && all.length === 1 ? first : all;
    this.#entry = entry;
  }

  protected make(): ReadonlyMap<string, Member> {
    const all = "service" in this.#all ? [this.#all] : this.#all;
    return lookAt(this.#name, { all, entry: this.#entry }).members ?? new Map<string, Member>();
  }
}

/** Nodes are too many to be kept for one name. */
const isPacked = ({ all, nodes }: EndpointFacts): boolean =>
  nodes === undefined && all.every(({ groups }) => groups.every((group) => group.isPacked));

function lookAt(name: ServiceName, { all, entry, nodes }: EndpointFacts): Look {
  const groups = all.filter(({ label }) => isChosen(name, label)).flatMap((each) => each.groups);
  return readService({ shown: shownOf(name), groups, entry, nodes }, name.port);
}

export const isChosen = (name: ServiceName, label: string | undefined): boolean =>
  name.label === undefined || name.label === label;

export const shownOf = ({ namespace, service }: ServiceName): string => `${namespace}/${service}`;
