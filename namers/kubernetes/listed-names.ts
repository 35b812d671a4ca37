/** Lists the names of a namer: of each Service and port that its objects tell of, while somebody observes the list. */
import { failed, ok, Path, type State } from "linkspan/plugin";
import type { ServiceGroups } from "./endpoint-group.ts";
import { type ApiObject, metadataOf, textOf } from "./json-fields.ts";
import type { Keeper } from "./object-store.ts";
import type { ReflectorListener } from "./reflector.ts";
import type { ServiceEntry } from "./service-entry.ts";
import { type NameRules, serviceName } from "./service-name.ts";

/** What one object has of names, as they are shown. */
export type NamesOfObject = readonly string[];

/** A list of more is no use to anybody, and is not kept. */
const MOST_NAMES = 100_000;

export interface ServicePorts {
  readonly service: string;
  readonly label: string | undefined;
  /** The empty text where a port has no name. */
  readonly ports: readonly string[];
}

export const portsOfGroups = ({ service, label, groups }: ServiceGroups): ServicePorts => ({
  service,
  label,
  ports: groups.flatMap(({ ports }) => ports.map(({ name }) => name)),
});

/** Without a load balancer there is nobody to call. */
export const portsOfEntry = ({ service, label, ports, ingress }: ServiceEntry): ServicePorts => ({
  service,
  label,
  ports: ingress.length === 0 ? [] : ports.map(({ name }) => name),
});

/** Keeps nothing but names of what `inner` reads: where only an endpoint changes, the list does not. */
export class NameKeeper<T> implements Keeper<NamesOfObject> {
  readonly #inner: Pick<Keeper<T>, "keep">;
  readonly #portsOf: (kept: T) => ServicePorts;
  readonly #rules: NameRules;

  constructor(inner: Pick<Keeper<T>, "keep">, portsOf: (kept: T) => ServicePorts, rules: NameRules) {
    this.#inner = inner;
    this.#portsOf = portsOf;
    this.#rules = rules;
  }

  keep(object: ApiObject): NamesOfObject | undefined {
    const kept = this.#inner.keep(object);
    if (kept === undefined) return undefined;
    const { service, label, ports } = this.#portsOf(kept);
    const { namespace, hasLabel } = this.#rules;
    if (hasLabel && label === undefined) return undefined;
    const before = namespace === undefined ? [textOf(metadataOf(object)["namespace"]) ?? ""] : [];
    const after = hasLabel ? [label ?? ""] : [];
    // Only the one port of a Service may be without a name.
    const names = [...new Set(ports)].map((port) => [...before, port === "" ? "-" : port, service, ...after]);
    return names.flatMap((elements) => this.#shown(elements));
  }

  isSame(a: NamesOfObject, b: NamesOfObject): boolean {
    return a.join() === b.join();
  }

  #shown(elements: readonly string[]): NamesOfObject {
    const name = elements.includes("") ? undefined : serviceName(Path.from(elements), this.#rules);
    return name === undefined ? [] : [name.id.show];
  }
}

/** A name is there for as long as one object has it. */
export class ListedNames implements ReflectorListener<NamesOfObject> {
  readonly #set: (state: State<readonly Path[]>) => void;
  readonly #most: number;
  readonly #holders = new Map<string, number>();
  #isTold = false;

  constructor(set: (state: State<readonly Path[]>) => void, most = MOST_NAMES) {
    this.#set = set;
    this.#most = most;
  }

  changed(before: NamesOfObject | undefined, now: NamesOfObject | undefined): void {
    for (const name of now ?? []) this.#hold(name, 1);
    for (const name of before ?? []) this.#hold(name, -1);
  }

  settled(): void {
    if (!this.#isTold) this.#tell();
  }

  failed(cause: Error): void {
    this.#set(failed(cause));
  }

  well(): void {
    this.#tell();
  }

  // The watches of the names themselves tell what follows.
  unreadable(): void {}
  readable(): void {}
  expired(): void {}
  repaired(): void {}

  #hold(name: string, more: number): void {
    const before = this.#holders.get(name) ?? 0;
    const now = before + more;
    if (now === 0) this.#holders.delete(name);
    else this.#holders.set(name, now);
    if (before === 0 || now === 0) this.#isTold = false;
  }

  #tell(): void {
    this.#isTold = true;
    const { size } = this.#holders;
    if (size > this.#most) return this.#set(failed(new Error(`there are ${size} names, more than ${this.#most}`)));
    this.#set(ok([...this.#holders.keys()].sort().map((shown) => Path.read(shown))));
  }
}
