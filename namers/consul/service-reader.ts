/** Makes of Consul's answers about a service what may be called. */
import type { Address, Instance, ServiceMember, ServiceReading } from "linkspan/plugin";
import { homeOf } from "./announced-entry.ts";
import type { ConsulOptions, Health } from "./options.ts";
import { readCatalogue, readHealth, type Registered } from "./registered.ts";

const REFUSED = "it has no address, or no port that can be connected to";

export interface ServiceReaderOptions {
  /** What requests carry as their Host, if they do. */
  readonly authority: string | undefined;
  readonly options: ConsulOptions;
}

/** One a service. */
export class ServiceReader {
  readonly #options: ServiceReaderOptions;

  constructor(options: ServiceReaderOptions) {
    this.#options = options;
  }

  /** Members are known by node and id. Throws an Error when `text` is no answer of Consul's. */
  read(text: string): ServiceReading {
    const { useHealthCheck, healthStatuses } = this.#options.options;
    const all = useHealthCheck ? readHealth(text) : readCatalogue(text);
    const members = new Map<string, ServiceMember>();
    const withdrawn = new Map<string, Instance>();
    const refused = new Map<string, string>();
    for (const each of all) {
      const key = `${each.node}/${each.id}`;
      const member = this.#member(key, each);
      if (member === undefined) refused.set(key, REFUSED);
      else if (useHealthCheck && !healthStatuses.includes(each.health)) withdrawn.set(key, notReady(member.instance));
      else members.set(key, member);
    }
    return {
      members: all.length === 0 ? undefined : members,
      signs: new Set(withdrawn.keys()),
      withdrawn: [...withdrawn.values()],
      refused,
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
    const home = homeOf(meta);
    const instance: Instance = {
      id: home?.id ?? key,
      host,
      port,
      weight,
      ready: true,
      ...(home === undefined ? {} : { origin: home.origin }),
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
}

const notReady = (instance: Instance): Instance => ({ ...instance, ready: false });

const ownWeight = ({ passing, warning }: Registered["weights"], health: Health): number =>
  health === "warning" ? warning : passing;

/** Without the brackets of an IPv6 address. */
const bare = (host: string): string => (host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host);
