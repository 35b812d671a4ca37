/** The instances of Curator services as they are kept: there are hundreds of thousands, and few are ever looked at. */
import type { Address, Instance } from "linkspan/plugin";
import { addressOf, type CuratorReading, hasTags, readCuratorInstance } from "./curator-instance.ts";
import { type NodeChildren, type NodeKind, orUnreadable, Unreadable } from "./node-kind.ts";
import {
  type CuratorMember,
  isPlain,
  type NotCalled,
  PackedMembers,
  PlainMember,
  type PlainService,
} from "./plain-member.ts";

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

  packed(children: NodeChildren<CuratorMember | Unreadable>): NodeChildren<CuratorMember | Unreadable> {
    return PackedMembers.of(children) ?? children;
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
