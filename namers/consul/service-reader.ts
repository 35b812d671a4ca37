/** Makes of Consul's answers about a service what may be called, and tells once of what cannot be read. */
import type { Address, Counter, Instance, Log, MetricSpec, ServiceMember, ServiceReading } from "linkspan/plugin";
import type { ConsulOptions, Health } from "./options.ts";
import { readCatalogue, readHealth, type Registered } from "./registered.ts";

export const UNREADABLE: MetricSpec = {
  name: "linkspan_refused_instances_total",
  type: "counter",
  help: "Entries of a registry that could not be read as an instance.",
  labels: ["namer"],
};

export interface ServiceReaderOptions {
  readonly service: string;
  /** What requests carry as their Host, if they do. */
  readonly authority: string | undefined;
  readonly options: ConsulOptions;
  readonly log: Log;
  readonly unreadable: Counter;
}

/** One a service. */
export class ServiceReader {
  readonly #options: ServiceReaderOptions;
  readonly #told = new Set<string>();

  constructor(options: ServiceReaderOptions) {
    this.#options = options;
  }

  /** Members are known by node and id. Throws an Error when `text` is no answer of Consul's. */
  read(text: string): ServiceReading {
    const { useHealthCheck, healthStatuses } = this.#options.options;
    const all = useHealthCheck ? readHealth(text) : readCatalogue(text);
    const members = new Map<string, ServiceMember>();
    const withdrawn = new Map<string, Instance>();
    const refused = new Set<string>();
    for (const each of all) {
      const key = `${each.node}/${each.id}`;
      const member = this.#member(key, each);
      if (member === undefined) refused.add(key);
      else if (useHealthCheck && !healthStatuses.includes(each.health)) withdrawn.set(key, notReady(member.instance));
      else members.set(key, member);
    }
    this.#tell(refused);
    return {
      members: all.length === 0 ? undefined : members,
      signs: new Set(withdrawn.keys()),
      withdrawn: [...withdrawn.values()],
      meta: this.#meta(all),
    };
  }

  #member(key: string, each: Registered): ServiceMember | undefined {
    const { preferServiceAddress, transferMetadata } = this.#options.options;
    const host = bare((preferServiceAddress && each.serviceAddress) || each.nodeAddress);
    const { port, zone, tags, meta, nodeMeta } = each;
    if (host === "" || port === undefined) return undefined;
    const weight = this.#weight(each);
    const ofAddress = {
      ...(transferMetadata ? { ...nodeMeta, ...meta } : {}),
      ...(zone === undefined ? {} : { zone }),
    };
    const address: Address = {
      host,
      port,
      weight,
      ...(Object.keys(ofAddress).length === 0 ? {} : { meta: ofAddress }),
    };
    const instance: Instance = {
      id: key,
      host,
      port,
      weight,
      ready: true,
      ...(zone === undefined ? {} : { zone }),
      meta: { ...meta, node: each.node, ...(tags.length === 0 ? {} : { tags: tags.join(",") }) },
    };
    return { instance, address };
  }

  #weight({ tags, weights: own, health }: Registered): number {
    const { weights, useServiceWeights } = this.#options.options;
    const fitting = weights.filter(({ tag }) => tags.includes(tag)).map(({ weight }) => weight);
    const byTag = fitting.length === 0 ? 1 : Math.max(...fitting);
    return useServiceWeights ? byTag * ownWeight(own, health) : byTag;
  }

  /** Of the metadata of services what all of them say alike. */
  #meta(all: readonly Registered[]): Readonly<Record<string, string>> {
    const { options, authority } = this.#options;
    const [first, ...rest] = all;
    const { authority: _, ...shared } = options.transferMetadata ? { ...first?.meta } : {};
    const meta: Record<string, string> = {};
    for (const [key, value] of Object.entries(shared))
      if (rest.every((each) => each.meta[key] === value)) meta[key] = value;
    return authority === undefined ? meta : { ...meta, authority };
  }

  #tell(refused: ReadonlySet<string>): void {
    for (const key of this.#told) if (!refused.has(key)) this.#told.delete(key);
    for (const key of refused) {
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      this.#options.unreadable.value++;
      const cause = "it has no address, or no port that can be connected to";
      this.#options.log.warn("instance.refused", { service: this.#options.service, node: key, cause });
    }
  }
}

const notReady = (instance: Instance): Instance => ({ ...instance, ready: false });

const ownWeight = ({ passing, warning }: Registered["weights"], health: Health): number =>
  health === "warning" ? warning : passing;

/** Without the brackets of an IPv6 address. */
const bare = (host: string): string => (host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host);
