/** Makes the instances of a Curator service from its nodes, and tells once of what cannot be read. */
import { type Address, type Counter, type Instance, type Log, type Reading } from "linkspan/plugin";
import { addressOf, type CuratorReading, readCuratorInstance } from "./curator-instance.ts";
import type { NodeChildren } from "./node-mirror.ts";

/** An instance that may be called, and where. */
export interface Member {
  readonly instance: Instance;
  readonly address: Address;
}

export interface ServiceReading extends Reading<Member> {
  readonly signs: ReadonlySet<string>;
  /** What is registered and says itself that it is not to be called. */
  readonly withdrawn: readonly Instance[];
}

export interface CuratorReaderOptions extends CuratorReading {
  readonly service: string;
  /** Whether an instance that is not enabled is called nevertheless, as Linkerd 1 did. */
  readonly useDisabled: boolean;
  readonly log: Log;
  readonly unreadable: Counter;
}

/** One a service; keeps what it made of data that has not changed. */
export class CuratorReader {
  readonly #options: CuratorReaderOptions;
  readonly #made = new WeakMap<Uint8Array, Member | Error>();
  /** What was told of which node, so that it is told again only when there is something else to tell. */
  readonly #told = new Map<string, string>();

  constructor(options: CuratorReaderOptions) {
    this.#options = options;
  }

  /** Members are known by their node's name. */
  read(children: NodeChildren | undefined): ServiceReading {
    const members = new Map<string, Member>();
    const withdrawn: Instance[] = [];
    for (const [name, data] of children ?? []) {
      const made = this.#member(name, data);
      if (made instanceof Error) this.#tell(name, made);
      else if (made.instance.ready || this.#options.useDisabled) members.set(name, made);
      else withdrawn.push(made.instance);
    }
    for (const name of this.#told.keys()) if (children?.has(name) !== true) this.#told.delete(name);
    const signs = new Set(withdrawn.map((instance) => instance.meta?.["node"] ?? ""));
    return { members: children && members, signs, withdrawn };
  }

  #member(name: string, data: Uint8Array): Member | Error {
    let made = this.#made.get(data);
    if (made === undefined) {
      made = this.#make(name, data);
      this.#made.set(data, made);
    }
    return made;
  }

  #make(name: string, data: Uint8Array): Member | Error {
    try {
      const instance = readCuratorInstance(data, name);
      const address = addressOf(instance, this.#options);
      if (address === undefined) return new Error("it has no port that can be connected to");
      this.#told.delete(name);
      return { instance, address };
    } catch (error) {
      return error as Error;
    }
  }

  #tell(name: string, cause: Error): void {
    if (this.#told.get(name) === cause.message) return;
    this.#told.set(name, cause.message);
    this.#options.unreadable.value++;
    this.#options.log.warn("instance.refused", { service: this.#options.service, node: name, cause: cause.message });
  }
}
