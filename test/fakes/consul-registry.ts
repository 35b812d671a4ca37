/** Writes services into a Consul of any make over HTTP, so that each change is one. */
import type { FixtureInstance } from "../../src/testing/namer-contract.ts";

/** What a transaction may hold at most. */
const MOST_OPERATIONS = 60;

type Operation = Readonly<Record<string, object>>;

/** Every service is on a node of its own. */
export class ConsulRegistry {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #written = new Map<string, ReadonlyMap<string, FixtureInstance>>();

  /** `port` is of an agent on 127.0.0.1. */
  constructor(port: number, token?: string) {
    this.#url = `http://127.0.0.1:${port}/v1`;
    this.#headers = token === undefined ? {} : { "x-consul-token": token };
  }

  async put(service: string, instances: readonly FixtureInstance[]): Promise<void> {
    const before = this.#written.get(service) ?? new Map<string, FixtureInstance>();
    const after = new Map(instances.map((each) => [each.id, each]));
    this.#written.set(service, after);
    const gone = [...before.keys()].filter((id) => !after.has(id));
    const changed = instances.filter((each) => JSON.stringify(before.get(each.id)) !== JSON.stringify(each));
    await this.#transact([
      ...(before.size === 0 ? [{ Node: { Verb: "set", Node: { Node: service, Address: "127.0.0.1" } } }] : []),
      ...changed.flatMap((each) => settingOf(service, each)),
      ...gone.map((id) => removalOf(service, id)),
    ]);
  }

  async touch(service: string): Promise<void> {
    const instances = [...(this.#written.get(service)?.values() ?? [])];
    await this.#transact(instances.flatMap((each) => settingOf(service, each)));
  }

  async drop(service: string): Promise<void> {
    this.#written.delete(service);
    await this.send("catalog/deregister", { Node: service });
  }

  async dropAll(): Promise<void> {
    for (const service of this.#written.keys()) await this.drop(service);
  }

  /** A registration that says no port. */
  spoil(service: string): Promise<void> {
    return this.send("catalog/register", {
      Node: service,
      Address: "127.0.0.1",
      Service: { ID: "bad", Service: service },
    });
  }

  mend(service: string): Promise<void> {
    return this.send("catalog/deregister", { Node: service, ServiceID: "bad" });
  }

  /** Puts `body` to a path below `/v1`. */
  async send(path: string, body: unknown): Promise<void> {
    const sent = { method: "PUT", headers: this.#headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.#url}/${path}`, sent);
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${said}`);
  }

  async #transact(operations: readonly Operation[]): Promise<void> {
    for (let at = 0; at < operations.length; at += MOST_OPERATIONS) {
      await this.send("txn", operations.slice(at, at + MOST_OPERATIONS));
    }
  }
}

function settingOf(node: string, instance: FixtureInstance): readonly Operation[] {
  const { id, host, port, weight = 1, ready = true, zone } = instance;
  const service = {
    ID: id,
    Service: node,
    Address: host,
    Port: port,
    Weights: { Passing: weight, Warning: 1 },
    ...(zone === undefined ? {} : { Meta: { zone } }),
  };
  const check = { Node: node, CheckID: id, ServiceID: id, Name: id, Status: ready ? "passing" : "critical" };
  return [{ Service: { Verb: "set", Node: node, Service: service } }, { Check: { Verb: "set", Check: check } }];
}

const removalOf = (node: string, id: string): Operation => ({
  Service: { Verb: "delete", Node: node, Service: { ID: id, Service: node } },
});
