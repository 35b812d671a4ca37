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
  /** Nearly all instances of a registry have the same one, so it is kept once. */
  #uriSpec: string | undefined;

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
      return new PlainMember(node, path, address, this.#shared(instance));
    return new TextMember(node, text, address, notCalled);
  }

  #shared({ meta }: Instance): string | undefined {
    const uriSpec = meta?.["uriSpec"];
    if (uriSpec !== undefined && uriSpec !== this.#uriSpec) this.#uriSpec = uriSpec;
    return uriSpec === undefined ? undefined : this.#uriSpec;
  }

  #notCalled(instance: Instance): NotCalled | undefined {
    if (!hasTags(instance, this.#how.tags)) return "untagged";
    return instance.ready || this.#how.useDisabled ? undefined : "disabled";
  }
}

const USUAL_TYPE = "DYNAMIC";

const nameIn = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether all that an instance says is told by its address and where its node is. */
function isPlain(instance: Instance, { port, tlsPort }: Address, path: string): boolean {
  const { id, payload, ready, meta = {} } = instance;
  const isUsual = id === meta["node"] && meta["name"] === nameIn(path) && meta["serviceType"] === USUAL_TYPE;
  const hasOnePort = instance.port === port && instance.tlsPort === undefined && tlsPort === undefined;
  return isUsual && hasOnePort && ready && payload === undefined;
}

class PlainMember implements CuratorMember {
  readonly address: Address;
  readonly #node: string;
  readonly #path: string;
  readonly #uriSpec: string | undefined;

  constructor(node: string, path: string, address: Address, uriSpec: string | undefined) {
    this.#node = node;
    this.#path = path;
    this.#uriSpec = uriSpec;
    this.address = address;
  }

  get notCalled(): undefined {
    return undefined;
  }

  get instance(): Instance {
    const { host, port, weight } = this.address;
    const node = this.#node;
    const uriSpec = this.#uriSpec === undefined ? {} : { uriSpec: this.#uriSpec };
    const meta = { node, name: nameIn(this.#path), serviceType: USUAL_TYPE, ...uriSpec };
    return { id: node, host, port, weight, ready: true, meta };
  }

  isSame(other: CuratorMember): boolean {
    const { host, port } = this.address;
    if (!(other instanceof PlainMember) || other.#uriSpec !== this.#uriSpec) return false;
    return other.address.host === host && other.address.port === port;
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
