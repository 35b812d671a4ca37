/** The instances of Curator services as they are kept: there are hundreds of thousands, and few are ever looked at. */
import type { Address, Instance, ServiceMember } from "linkspan/plugin";
import { addressOf, type CuratorReading, hasTags, readCuratorInstance } from "./curator-instance.ts";
import { type NodeKind, orUnreadable, Unreadable } from "./node-kind.ts";

/** Why an instance that can be read is not called. */
export type NotCalled = "untagged" | "disabled";

/** An instance that is known by its node's name: ids are not unique, and sequential nodes have others. */
export interface CuratorMember extends ServiceMember {
  readonly notCalled: NotCalled | undefined;
  isSame(other: CuratorMember): boolean;
}

/** Of the nodes of all services that are read alike. */
export class CuratorNodes implements NodeKind<CuratorMember | Unreadable> {
  readonly withData = true;
  readonly #how: CuratorReading;
  readonly #decoder = new TextDecoder();
  #uriSpec: string | undefined;
  /** Of the instance that was read last: those of one service come together. */
  #service: PlainService | undefined;

  constructor(how: CuratorReading) {
    this.#how = how;
  }

  read(data: Uint8Array, node: string, path: string): CuratorMember | Unreadable {
    return orUnreadable(() => this.#member(this.#decoder.decode(data), node, path));
  }

  isSame(a: CuratorMember | Unreadable, b: CuratorMember | Unreadable): boolean {
    if (a instanceof Unreadable || b instanceof Unreadable)
      return a instanceof Unreadable && b instanceof Unreadable && a.why === b.why;
    return a.isSame(b);
  }

  #member(text: string, node: string, path: string): CuratorMember {
    const instance = readCuratorInstance(text, node);
    const address = addressOf(instance, this.#how);
    if (!address) throw new Error("it has no port that can be connected to");
    const notCalled = this.#notCalled(instance);
    if (notCalled === undefined && isPlain(instance, address, path))
      return new PlainMember(node, address, this.#shared(path, instance.meta?.["uriSpec"]));
    return new TextMember(node, text, address, notCalled);
  }

  #shared(path: string, uriSpec: string | undefined): PlainService {
    if (this.#service?.path === path && this.#service.uriSpec === uriSpec) return this.#service;
    // Nearly all services of a registry have the same.
    if (uriSpec !== this.#uriSpec) this.#uriSpec = uriSpec;
    this.#service = { path, uriSpec: this.#uriSpec };
    return this.#service;
  }

  #notCalled(instance: Instance): NotCalled | undefined {
    if (!hasTags(instance, this.#how.tags)) return "untagged";
    return instance.ready || this.#how.useDisabled ? undefined : "disabled";
  }
}

const USUAL_TYPE = "DYNAMIC";

const nameIn = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether all that an instance says is told by its address and where its node is. */
function isPlain(instance: Instance, { port, tlsPort, meta: shown }: Address, path: string): boolean {
  const { id, payload, ready, meta = {} } = instance;
  const isUsual = id === meta["node"] && meta["name"] === nameIn(path) && meta["serviceType"] === USUAL_TYPE;
  const hasOnePort = instance.port === port && instance.tlsPort === undefined && tlsPort === undefined;
  return isUsual && hasOnePort && ready && payload === undefined && shown === undefined;
}

/** What the instances of a service say alike. */
interface PlainService {
  readonly path: string;
  readonly uriSpec: string | undefined;
}

/** One object for a member and its address. */
class PlainMember implements CuratorMember, Address {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly #node: string;
  readonly #service: PlainService;

  constructor(node: string, { host, port, weight }: Address, service: PlainService) {
    this.host = host;
    this.port = port;
    this.weight = weight;
    this.#node = node;
    this.#service = service;
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

/** Keeps what it was read from: a payload that was read takes several times as much. */
class TextMember implements CuratorMember {
  readonly address: Address;
  readonly notCalled: NotCalled | undefined;
  readonly #node: string;
  readonly #text: string;

  constructor(node: string, text: string, address: Address, notCalled: NotCalled | undefined) {
    this.#node = node;
    this.#text = text;
    this.address = address;
    this.notCalled = notCalled;
  }

  get instance(): Instance {
    return readCuratorInstance(this.#text, this.#node);
  }

  isSame(other: CuratorMember): boolean {
    return other instanceof TextMember && other.#text === this.#text;
  }
}
