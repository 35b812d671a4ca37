/** What is registered with a fake Consul's agent itself: it stands in the catalogue on the agent's node, with checks that lapse. */
import type { ConsulCatalogue, ServiceRecord } from "./consul-catalogue.ts";

interface Asked extends Omit<ServiceRecord, "Service"> {
  readonly Name: string;
  readonly Check?: { readonly CheckID: string; readonly Name: string; readonly TTL: string; readonly Status: string };
}

interface LocalService {
  readonly record: ServiceRecord;
  readonly check: { readonly id: string; readonly name: string; readonly ttlMs: number } | undefined;
  status: string;
  timer: NodeJS.Timeout | undefined;
}

export class ConsulLocalAgent implements Disposable {
  readonly node = "here";
  readonly #catalogue: ConsulCatalogue;
  readonly #services = new Map<string, LocalService>();

  constructor(catalogue: ConsulCatalogue) {
    this.#catalogue = catalogue;
  }

  /** As `/v1/agent/services` writes it; of its filter it knows nothing, as agents before 1.5. */
  services(): Readonly<Record<string, ServiceRecord>> {
    return Object.fromEntries([...this.#services].map(([id, { record }]) => [id, record]));
  }

  /** Makes the catalogue say of its node what it has itself, and nothing else. */
  syncs(): void {
    const { Services: there = {} } = (this.#catalogue.node(this.node) ?? {}) as { Services?: Record<string, object> };
    const foreign = Object.keys(there).filter((id) => !this.#services.has(id));
    for (const each of this.#services.values()) this.#sync(each);
    this.#catalogue.write(
      [],
      foreign.map((id) => ({ Node: this.node, ServiceID: id })),
    );
  }

  /** Forgets those whose id has `part` in it, as an agent that starts anew, or that found them critical for too long. */
  forget(part = ""): void {
    for (const id of this.#services.keys()) if (id.includes(part)) this.#remove(id);
  }

  /** What a PUT says, or `undefined` where it is about something else. */
  write(path: string, body: unknown): [number, string] | undefined {
    const [, , agent, subject, verb = "", id = ""] = path.split("/");
    if (agent !== "agent") return undefined;
    if (subject === "check") return this.#tell(decodeURIComponent(id), verb === "pass" ? "passing" : "critical");
    if (verb === "register") return this.#register(body as Asked);
    this.#remove(decodeURIComponent(id));
    return [200, ""];
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#services.values()) clearTimeout(timer);
  }

  #register({ Name: name, Check: check, ...rest }: Asked): [number, string] {
    if ((rest.Weights?.Passing ?? 1) < 1) return [400, "Invalid Weights: Passing must be greater than 0"];
    const before = this.#services.get(rest.ID);
    clearTimeout(before?.timer);
    const made: LocalService = {
      record: { ...rest, Service: name },
      check: check && { id: check.CheckID, name: check.Name, ttlMs: parseFloat(check.TTL) },
      // What it knows of a check goes before what it is registered as.
      status: before?.status ?? check?.Status ?? "passing",
      timer: undefined,
    };
    this.#services.set(rest.ID, made);
    this.#wind(made);
    this.#sync(made);
    return [200, ""];
  }

  #tell(checkId: string, status: string): [number, string] {
    const found = [...this.#services.values()].find(({ check }) => check?.id === checkId);
    if (!found) return [500, `CheckID "${checkId}" does not have associated TTL`];
    found.status = status;
    this.#wind(found);
    this.#sync(found);
    return [200, ""];
  }

  #wind(service: LocalService): void {
    clearTimeout(service.timer);
    if (!service.check) return;
    service.timer = setTimeout(() => {
      service.status = "critical";
      this.#sync(service);
    }, service.check.ttlMs);
  }

  #sync({ record, check, status }: LocalService): void {
    const { ID: id } = record;
    const checked = check && { CheckID: check.id, Name: check.name, ServiceID: id, Status: status };
    this.#catalogue.write([
      { Node: this.node, Address: "127.0.0.1", Service: record, ...(checked ? { Check: checked } : {}) },
    ]);
  }

  #remove(id: string): void {
    clearTimeout(this.#services.get(id)?.timer);
    if (this.#services.delete(id)) this.#catalogue.write([], [{ Node: this.node, ServiceID: id }]);
  }
}
