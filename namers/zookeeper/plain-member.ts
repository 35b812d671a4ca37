/** Instances of Curator services that say nothing unusual, of which there are hundreds of thousands: what is kept of them. */
import {
  type Address,
  type Instance,
  type PackedRow,
  packRows,
  RemadeMap,
  type ServiceMember,
  unpackRows,
} from "linkspan/plugin";
import type { NodeChildren, Unreadable } from "./node-kind.ts";

/** Why an instance that can be read is not called. */
export type NotCalled = "untagged" | "disabled";

/** An instance that is known by its node's name: ids are not unique, and sequential nodes have others. */
export interface CuratorMember extends ServiceMember {
  readonly notCalled: NotCalled | undefined;
  isSame(other: CuratorMember): boolean;
}

const USUAL_TYPE = "DYNAMIC";

const nameIn = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether all that an instance says is told by its address and where its node is. */
export function isPlain(instance: Instance, { port, tlsPort, meta: shown }: Address, path: string): boolean {
  const { id, payload, ready, meta = {} } = instance;
  const isUsual = id === meta["node"] && meta["name"] === nameIn(path) && meta["serviceType"] === USUAL_TYPE;
  const hasOnePort = instance.port === port && instance.tlsPort === undefined && tlsPort === undefined;
  return isUsual && hasOnePort && ready && payload === undefined && shown === undefined;
}

/** What the instances of a service say alike. */
export interface PlainService {
  readonly path: string;
  readonly uriSpec: string | undefined;
}

/** One object for a member and its address. */
export class PlainMember implements CuratorMember, Address {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly #service: PlainService;
  readonly #node: string;

  constructor(node: string, { host, port, weight }: Address, service: PlainService) {
    this.host = host;
    this.port = port;
    this.weight = weight;
    this.#service = service;
    this.#node = node;
  }

  get service(): PlainService {
    return this.#service;
  }

  get address(): Address {
    return this;
  }

  get notCalled(): undefined {
    return undefined;
  }

  get instance(): Instance {
    const { host, port, weight } = this;
    const id = this.#node;
    const { path, uriSpec } = this.#service;
    const meta = {
      node: id,
      name: nameIn(path),
      serviceType: USUAL_TYPE,
      ...(uriSpec === undefined ? {} : { uriSpec }),
    };
    return { id, host, port, weight, ready: true, meta };
  }

  isSame(other: CuratorMember): boolean {
    if (!(other instanceof PlainMember)) return false;
    const isSameService = other.#service.uriSpec === this.#service.uriSpec;
    return isSameService && other.host === this.host && other.port === this.port;
  }
}

/** Where a service has more, nearly all of them stay when one comes or goes, and are not to be made anew. */
const MOST_PACKED = 100;

/** The children of one service's node, if they are few and plain, as one text. */
export class PackedMembers extends RemadeMap<string, PlainMember> {
  readonly #text: string;
  readonly #service: PlainService;

  private constructor(members: ReadonlyMap<string, PlainMember>, text: string, service: PlainService) {
    super(members);
    this.#text = text;
    this.#service = service;
  }

  /** `undefined` where they cannot be packed, or are. */
  static of(children: NodeChildren<CuratorMember | Unreadable>): PackedMembers | undefined {
    if (children instanceof PackedMembers || children.size > MOST_PACKED) return undefined;
    const [first] = children.values();
    if (!(first instanceof PlainMember) || !areOf(first.service, children)) return undefined;
    const text = packRows(Array.from(children, rowOf));
    return text === undefined ? undefined : new PackedMembers(children, text, first.service);
  }

  protected make(): ReadonlyMap<string, PlainMember> {
    return new Map(
      unpackRows(this.#text).map(([node = "", host = "", port, weight]) => [
        node,
        new PlainMember(node, { host, port: Number(port), weight: Number(weight) }, this.#service),
      ]),
    );
  }
}

const rowOf = ([node, { host, port, weight }]: readonly [string, PlainMember]): PackedRow => [
  node,
  host,
  String(port),
  String(weight),
];

function areOf(
  service: PlainService,
  children: NodeChildren<CuratorMember | Unreadable>,
): children is NodeChildren<PlainMember> {
  for (const child of children.values()) if (!(child instanceof PlainMember) || child.service !== service) return false;
  return true;
}
