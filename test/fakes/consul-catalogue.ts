/** A Consul catalogue in memory: nodes, services and checks, with indexes that move as a real one's do. */

export interface CheckRecord {
  readonly CheckID: string;
  readonly Status: string;
  readonly ServiceID?: string;
  readonly Name?: string;
}

export interface ServiceRecord {
  readonly ID: string;
  readonly Service: string;
  readonly Address?: string;
  readonly Port?: number;
  readonly Tags?: readonly string[];
  readonly Meta?: Readonly<Record<string, string>>;
  readonly Weights?: { readonly Passing: number; readonly Warning: number };
}

interface NodeRecord {
  address: string;
  meta: Readonly<Record<string, string>>;
  readonly services: Map<string, ServiceRecord>;
  readonly checks: Map<string, CheckRecord>;
}

export interface Registration {
  readonly Node: string;
  readonly Address?: string;
  readonly NodeMeta?: Readonly<Record<string, string>>;
  readonly Service?: ServiceRecord;
  readonly Check?: CheckRecord;
}

export interface Deregistration {
  readonly Node: string;
  readonly ServiceID?: string;
  readonly CheckID?: string;
}

type Table = "nodes" | "services" | "checks";

/** Calls `changed` after every write that changed something. */
export class ConsulCatalogue {
  readonly #nodes = new Map<string, NodeRecord>();
  /** Nodes that a service was ever registered on, by its name in small letters: questions come by the thousand. */
  readonly #nodesOf = new Map<string, Set<string>>();
  readonly #indexOf = new Map<string, number>();
  readonly #tables: Record<Table, number> = { nodes: 10, services: 10, checks: 10 };
  readonly #changed: () => void;
  /** Of the last service that lost its last instance. */
  #extinction: number | undefined;
  #index = 10;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Several writes at once are one change. */
  write(registrations: readonly Registration[], deregistrations: readonly Deregistration[] = []): void {
    const index = this.#index + 1;
    let touched = false;
    for (const each of registrations) touched = this.#register(each, index) || touched;
    for (const each of deregistrations) touched = this.#deregister(each, index) || touched;
    if (!touched) return;
    this.#index = index;
    this.#changed();
  }

  /** Begins anew with nothing, as a server whose data is gone. */
  wipe(): void {
    this.#nodes.clear();
    this.#nodesOf.clear();
    this.#indexOf.clear();
    this.#extinction = undefined;
    this.resetIndexes(10);
  }

  /** Everything stays, and was written at `index`: a server that was restored. */
  resetIndexes(index: number): void {
    this.#index = index;
    for (const table of ["nodes", "services", "checks"] as const) this.#tables[table] = index;
    for (const name of this.#indexOf.keys()) this.#indexOf.set(name, index);
    if (this.#extinction !== undefined) this.#extinction = index;
    this.#changed();
  }

  tableIndex(table: Table): number {
    return this.#tables[table];
  }

  /** Of a service that exists, its own; of others what has nothing to do with them. */
  serviceIndex(name: string): number {
    return this.#indexOf.get(name) ?? this.#extinction ?? Math.max(...Object.values(this.#tables));
  }

  services(): Readonly<Record<string, readonly string[]>> {
    const tags: Record<string, string[]> = {};
    for (const { services } of this.#nodes.values()) {
      for (const { Service: name, Tags = [] } of services.values()) {
        tags[name] = [...new Set([...(tags[name] ?? []), ...Tags])];
      }
    }
    return tags;
  }

  /** As `/v1/catalog/service/NAME` writes it. */
  instances(name: string, tags: readonly string[]): readonly object[] {
    return this.#of(name, tags).map(({ node, record, service }) => ({
      Node: node,
      Address: record.address,
      Datacenter: "dc1",
      NodeMeta: record.meta,
      ServiceID: service.ID,
      ServiceName: service.Service,
      ServiceTags: service.Tags ?? [],
      ServiceAddress: service.Address ?? "",
      ServicePort: service.Port ?? 0,
      ServiceMeta: service.Meta ?? {},
      ServiceWeights: service.Weights ?? { Passing: 1, Warning: 1 },
    }));
  }

  /** As `/v1/health/service/NAME` writes it. */
  health(name: string, tags: readonly string[]): readonly object[] {
    return this.#of(name, tags).map(({ node, record, service }) => ({
      Node: { Node: node, Address: record.address, Datacenter: "dc1", Meta: record.meta },
      Service: {
        Weights: { Passing: 1, Warning: 1 },
        ...service,
        Tags: service.Tags ?? [],
        Meta: service.Meta ?? {},
        Address: service.Address ?? "",
        Port: service.Port ?? 0,
      },
      Checks: [...record.checks.values()].filter(({ ServiceID: id = "" }) => id === "" || id === service.ID),
    }));
  }

  /** As `/v1/catalog/node/NODE` writes it. */
  node(name: string): object | null {
    const record = this.#nodes.get(name);
    if (!record) return null;
    const services = [...record.services].map(([id, each]) => [id, { Weights: { Passing: 1, Warning: 1 }, ...each }]);
    return {
      Node: { Node: name, Address: record.address, Datacenter: "dc1", Meta: record.meta },
      Services: Object.fromEntries(services),
    };
  }

  /** As `/v1/health/state/any` writes it. */
  checks(): readonly object[] {
    return [...this.#nodes].flatMap(([node, { checks, services }]) =>
      [...checks.values()].map((check) => ({
        Node: node,
        ...check,
        ServiceName: services.get(check.ServiceID ?? "")?.Service ?? "",
      })),
    );
  }

  #of(name: string, tags: readonly string[]) {
    return [...(this.#nodesOf.get(name.toLowerCase()) ?? [])].flatMap((node) => {
      const record = this.#nodes.get(node);
      const services = [...(record?.services.values() ?? [])];
      return services
        .filter((service) => service.Service.toLowerCase() === name.toLowerCase())
        .filter(({ Tags = [] }) => tags.every((tag) => Tags.some((each) => each.toLowerCase() === tag.toLowerCase())))
        .flatMap((service) => (record ? [{ node, record, service }] : []));
    });
  }

  #register(
    { Node: name, Address: address, NodeMeta: meta, Service: service, Check: check }: Registration,
    index: number,
  ) {
    const known = this.#nodes.get(name);
    const node: NodeRecord = known ?? { address: "", meta: {}, services: new Map(), checks: new Map() };
    this.#nodes.set(name, node);
    const isMoved =
      (address ?? node.address) !== node.address || JSON.stringify(meta ?? node.meta) !== JSON.stringify(node.meta);
    if (!known || isMoved) {
      node.address = address ?? node.address;
      node.meta = meta ?? node.meta;
      this.#tables.nodes = index;
      for (const each of node.services.values()) this.#indexOf.set(each.Service, index);
    }
    let touched = !known || isMoved;
    if (service && JSON.stringify(node.services.get(service.ID)) !== JSON.stringify(service)) {
      node.services.set(service.ID, service);
      const holders = this.#nodesOf.get(service.Service.toLowerCase()) ?? new Set();
      this.#nodesOf.set(service.Service.toLowerCase(), holders.add(name));
      this.#touch("services", service.Service, index);
      touched = true;
    }
    if (check && JSON.stringify(node.checks.get(check.CheckID)) !== JSON.stringify(check)) {
      node.checks.set(check.CheckID, check);
      this.#touchChecked(node, check, index);
      touched = true;
    }
    return touched;
  }

  #deregister({ Node: name, ServiceID: id, CheckID: check }: Deregistration, index: number): boolean {
    const node = this.#nodes.get(name);
    if (!node) return false;
    if (check !== undefined) {
      const known = node.checks.get(check);
      if (known) this.#touchChecked(node, known, index);
      return node.checks.delete(check);
    }
    const gone = [...node.services.values()].filter((service) => id === undefined || service.ID === id);
    if (id === undefined) {
      this.#nodes.delete(name);
      this.#tables.nodes = index;
    }
    for (const service of gone) this.#removeService(node, service, index);
    return id === undefined || gone.length > 0;
  }

  #removeService(node: NodeRecord, service: ServiceRecord, index: number): void {
    node.services.delete(service.ID);
    for (const check of node.checks.values()) {
      if (check.ServiceID === service.ID) node.checks.delete(check.CheckID);
    }
    this.#touch("services", service.Service, index);
    if (this.#of(service.Service, []).length > 0) return;
    this.#indexOf.delete(service.Service);
    this.#extinction = index;
  }

  #touchChecked(node: NodeRecord, check: CheckRecord, index: number): void {
    this.#tables.checks = index;
    for (const service of node.services.values()) {
      if ((check.ServiceID ?? "") === "" || check.ServiceID === service.ID) this.#indexOf.set(service.Service, index);
    }
  }

  #touch(table: Table, service: string, index: number): void {
    this.#tables[table] = index;
    this.#indexOf.set(service, index);
  }
}
