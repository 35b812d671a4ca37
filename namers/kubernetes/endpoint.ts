/** What is kept of one endpoint of a Service, and what can be called there. */
import type { Address, Instance, Origin, ServiceMember } from "linkspan/plugin";
import { fieldsOf, listOf, textOf } from "./json-fields.ts";

/**
 * `ready`: to be called. `leaving`: it is going and still serves; called when nothing is ready, as kube-proxy does.
 * `out`: not to be called.
 */
export type Condition = "ready" | "leaving" | "out";

/** Where an endpoint runs; one object for all that run there, for there are many of them. */
export interface Spot {
  readonly nodeName?: string;
  readonly zone?: string;
}

/** What an announcer wrote of an endpoint: of which instance it was made, and for whom. */
export interface Announced {
  readonly id: string;
  readonly group: string;
  readonly origin: Origin | undefined;
}

export class Endpoint {
  readonly host: string;
  readonly condition: Condition;
  /** Of the pod, where it is one. */
  readonly uid: string | undefined;
  readonly pod: string | undefined;
  readonly spot: Spot | undefined;
  /** Names of the zones that it should serve, joined by commas. */
  readonly hints: string | undefined;
  readonly announced: Announced | undefined;
  #member: Member | undefined;

  constructor(parts: EndpointParts) {
    this.host = parts.host;
    this.condition = parts.condition;
    this.uid = parts.uid;
    this.pod = parts.pod;
    this.spot = parts.spot;
    this.hints = parts.hints;
    this.announced = parts.announced;
  }

  /**
   * The same object for the same port, as most are asked for one port only. `outside` is where it is reached from outside
   * of the cluster, `HOST:PORT`.
   */
  at(port: number, outside?: string): Member {
    const member = this.#member;
    if (member?.address.port === port && member.outside === outside) return member;
    return (this.#member = new Member(this, port, outside));
  }

  isSame(other: Endpoint): boolean {
    return (
      this.host === other.host &&
      this.condition === other.condition &&
      this.uid === other.uid &&
      this.pod === other.pod &&
      this.hints === other.hints &&
      isSameAnnounced(this.announced, other.announced) &&
      isSameSpot(this.spot, other.spot)
    );
  }
}

export interface EndpointParts {
  readonly host: string;
  readonly condition: Condition;
  readonly uid: string | undefined;
  readonly pod: string | undefined;
  readonly spot: Spot | undefined;
  readonly hints: string | undefined;
  readonly announced?: Announced | undefined;
}

/** An endpoint at one port. */
export class Member implements ServiceMember {
  /** Another pod at the same place has another; what is no pod and was not announced is known by its place. */
  readonly id: string;
  readonly address: Address;
  readonly endpoint: Endpoint;
  readonly outside: string | undefined;

  constructor(endpoint: Endpoint, port: number, outside: string | undefined) {
    const { host, uid, spot, announced } = endpoint;
    // Two groups may announce instances of the same id.
    this.id = announced ? `${announced.group} ${announced.id}` : (uid ?? `${host}:${port}`);
    this.address = { host, port, weight: 1, ...(spot ? { meta: spot as Record<string, string> } : {}) };
    this.endpoint = endpoint;
    this.outside = outside;
  }

  /** Made each time, for few are ever looked at. */
  get instance(): Instance {
    const { condition, uid, pod, spot, hints, announced } = this.endpoint;
    const meta = {
      ...(spot?.nodeName === undefined ? {} : { nodeName: spot.nodeName }),
      ...(pod === undefined ? {} : { pod }),
      ...(hints === undefined ? {} : { zoneHints: hints }),
      ...(condition === "leaving" ? { terminating: "true" } : {}),
      ...(this.outside === undefined ? {} : { nodePort: this.outside }),
    };
    return {
      id: announced?.id ?? uid ?? `${this.address.host}:${this.address.port}`,
      host: this.address.host,
      port: this.address.port,
      weight: 1,
      ready: condition === "ready",
      ...(announced?.origin === undefined ? {} : { origin: announced.origin }),
      ...(spot?.zone === undefined ? {} : { zone: spot.zone }),
      ...(Object.keys(meta).length === 0 ? {} : { meta }),
    };
  }
}

/** The endpoint of an EndpointSlice (discovery.k8s.io/v1). Throws an Error that says why it cannot be read. */
export function sliceEndpoint(value: unknown, spots: Spots, announced: Announced | undefined): Endpoint {
  const fields = fieldsOf(value);
  // The addresses of an endpoint are interchangeable; kube-proxy, too, takes the first.
  const host = textOf(listOf(fields["addresses"], "addresses")[0]);
  if (host === undefined) throw new Error("an endpoint has no address");
  const hints = listOf(fieldsOf(fields["hints"])["forZones"], "hints").map((zone) => textOf(fieldsOf(zone)["name"]));
  return new Endpoint({
    host,
    condition: conditionOf(fields["conditions"]),
    ...targetOf(fields["targetRef"]),
    spot: spots.at(textOf(fields["nodeName"]), textOf(fields["zone"])),
    hints: hints.length === 0 ? undefined : hints.join(),
    announced,
  });
}

/** The address of a subset of Endpoints (v1). */
export function subsetEndpoint(value: unknown, condition: Condition, spots: Spots): Endpoint {
  const fields = fieldsOf(value);
  const host = textOf(fields["ip"]);
  if (host === undefined) throw new Error("an address has no ip");
  const spot = spots.at(textOf(fields["nodeName"]), undefined);
  return new Endpoint({ host, condition, ...targetOf(fields["targetRef"]), spot, hints: undefined });
}

const isSameSpot = (a: Spot | undefined, b: Spot | undefined): boolean =>
  a === b || (a?.nodeName === b?.nodeName && a?.zone === b?.zone);

const isSameAnnounced = (a: Announced | undefined, b: Announced | undefined): boolean =>
  a?.id === b?.id &&
  a?.group === b?.group &&
  a?.origin?.registry === b?.origin?.registry &&
  a?.origin?.cluster === b?.origin?.cluster;

/** Not said is said well: `ready` and `serving` that are missing or null are true. */
function conditionOf(value: unknown): Condition {
  const { ready, serving, terminating } = fieldsOf(value);
  if (ready !== false) return "ready";
  return serving !== false && terminating === true ? "leaving" : "out";
}

function targetOf(value: unknown): { readonly uid: string | undefined; readonly pod: string | undefined } {
  const { kind, uid, name } = fieldsOf(value);
  // Several endpoints may stand for one thing of another kind, such as a node.
  return kind === "Pod" ? { uid: textOf(uid), pod: textOf(name) } : { uid: undefined, pod: undefined };
}

const MOST_SPOTS = 20_000;

/** Nodes and zones, each with its number. */
export class SpotTable {
  readonly #numbers = new Map<string, number>();
  readonly #spots: Spot[] = [];

  get size(): number {
    return this.#spots.length;
  }

  at(number: number): Spot | undefined {
    return this.#spots[number];
  }

  /** It has one from now on. */
  numberOf(nodeName: string | undefined, zone: string | undefined): number {
    const key = `${nodeName ?? ""}/${zone ?? ""}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#spots.push({ ...(nodeName === undefined ? {} : { nodeName }), ...(zone === undefined ? {} : { zone }) });
    this.#numbers.set(key, this.#spots.length - 1);
    return this.#spots.length - 1;
  }
}

/** One object for each node and zone; begins another table when they are too many. */
export class Spots {
  #table = new SpotTable();

  /** What has the numbers of those that were made last. */
  get table(): SpotTable {
    return this.#table;
  }

  at(nodeName: string | undefined, zone: string | undefined): Spot | undefined {
    if (nodeName === undefined && zone === undefined) return undefined;
    if (this.#table.size >= MOST_SPOTS) this.#table = new SpotTable();
    return this.#table.at(this.#table.numberOf(nodeName, zone));
  }
}
