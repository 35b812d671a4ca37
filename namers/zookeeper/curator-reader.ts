/** Makes the instances of a Curator service from its nodes. */
import { type Instance, type ServiceMember, type ServiceReading } from "linkspan/plugin";
import { addressOf, type CuratorReading, hasTags, readCuratorInstance } from "./curator-instance.ts";
import type { MemberReader } from "./member-reader.ts";
import type { NodeChildren } from "./node-mirror.ts";

/** Readings are kept, and most have neither. */
const noSigns: ReadonlySet<string> = new Set();
const nothing: ReadonlyMap<string, string> = new Map();

/** One a service; keeps what it made of data that has not changed. */
export class CuratorReader implements MemberReader {
  readonly #how: CuratorReading;
  readonly #made = new WeakMap<Uint8Array, ServiceMember | Error>();

  constructor(how: CuratorReading) {
    this.#how = how;
  }

  /** Members are known by their node's name: ids are not unique, and sequential nodes have others. */
  read(children: NodeChildren | undefined): ServiceReading {
    const members = new Map<string, ServiceMember>();
    const withdrawn: Instance[] = [];
    const signs = new Set<string>();
    const refused = new Map<string, string>();
    for (const [node, data] of children ?? []) {
      const made = this.#member(node, data);
      if (made instanceof Error) {
        refused.set(node, made.message);
        continue;
      }
      if (!hasTags(made.instance, this.#how.tags)) signs.add(node);
      else if (made.instance.ready || this.#how.useDisabled) members.set(node, made);
      else {
        signs.add(node);
        withdrawn.push(made.instance);
      }
    }
    return {
      members: children && members,
      signs: signs.size === 0 ? noSigns : signs,
      withdrawn,
      refused: refused.size === 0 ? nothing : refused,
    };
  }

  #member(node: string, data: Uint8Array): ServiceMember | Error {
    let made = this.#made.get(data);
    if (made === undefined) {
      made = this.#make(node, data);
      this.#made.set(data, made);
    }
    return made;
  }

  #make(node: string, data: Uint8Array): ServiceMember | Error {
    try {
      const instance = readCuratorInstance(data, node);
      const address = addressOf(instance, this.#how);
      return address ? { instance, address } : new Error("it has no port that can be connected to");
    } catch (error) {
      return error as Error;
    }
  }
}
