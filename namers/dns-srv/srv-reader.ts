/** Reads a service from its SRV records: which name it is under, its records, and the addresses behind them. */
import {
  addressKey,
  type Instance,
  namesToAsk,
  type ResolverFile,
  type ServiceMember,
  type ServiceReading,
} from "linkspan/plugin";
import type { DnsClient } from "./client.ts";
import type { DnsRecord, Reply, SrvRecord } from "./message.ts";
import type { Found, TargetAddresses } from "./target-addresses.ts";
import { sharesOf } from "./weights.ts";

/** A reading, and for how long it holds. */
export interface TimedReading {
  readonly reading: ServiceReading;
  readonly ttlMs: number;
}

export interface SrvReaderOptions {
  /** As it was asked for; a dot at its end says that it is a whole name. */
  readonly name: string;
  readonly client: DnsClient;
  readonly targets: TargetAddresses;
  readonly resolverFile: () => Promise<ResolverFile>;
}

type Group = readonly (readonly [record: SrvRecord, found: Found | Error])[];

/** One a service. */
export class SrvReader {
  readonly #options: SrvReaderOptions;
  /** The whole name that had records last. */
  #found: string | undefined;

  constructor(options: SrvReaderOptions) {
    this.#options = options;
  }

  /** Rejects when no server's word can be had. */
  async read(signal: AbortSignal): Promise<TimedReading> {
    const { name, client, resolverFile } = this.#options;
    let trouble: unknown;
    let negativeTtlMs = Infinity;
    for (const whole of wholeNames(name, await resolverFile())) {
      try {
        const reply = await client.ask({ name: whole, type: "SRV" }, signal);
        const records = recordsOf(reply, whole);
        // What stands under another name is not ours while ours cannot be asked for.
        const isOurs = trouble === undefined || this.#found === undefined || this.#found === whole;
        if (records.length > 0 && isOurs) {
          this.#found = whole;
          return await this.#members(records, reply.additionals, signal);
        }
        negativeTtlMs = Math.min(negativeTtlMs, reply.negativeTtlMs ?? Infinity);
      } catch (error) {
        signal.throwIfAborted();
        trouble ??= error;
      }
    }
    if (trouble !== undefined) throw trouble;
    return { reading: { members: undefined }, ttlMs: negativeTtlMs };
  }

  async #members(
    records: readonly SrvRecord[],
    additionals: readonly DnsRecord[],
    signal: AbortSignal,
  ): Promise<TimedReading> {
    const ttlMs = Math.min(...records.map((record) => record.ttlMs));
    const callable = records.filter(({ target, port }) => target !== "" && port > 0);
    const refused = new Map<string, string>();
    for (const { target, port } of records) {
      if (target !== "" && port === 0) refused.set(`${target}:0`, "it has no port that can be connected to");
    }
    // RFC 2782: the service is decidedly not available at this domain.
    if (callable.length === 0) return { reading: { members: undefined, signs: "all", refused }, ttlMs };
    const targets = callable.map((record) => record.target);
    const found = await this.#options.targets.of(targets, additionals, signal);
    for (const [target, each] of found) {
      const cause = troubleOf(each);
      if (cause !== undefined) refused.set(target, cause);
    }
    const groups = groupsOf(callable.map((record) => [record, found.get(record.target)] as const));
    const at = groups.findIndex(isKnown);
    const chosen = groups[at] ?? [];
    const members = membersOf(chosen);
    const others = groups.flatMap((group) => (group === chosen ? [] : [...membersOf(group).values()]));
    const ttls = [...found.values()].map((each) => (each instanceof Error || each === undefined ? 0 : each.ttlMs));
    return {
      reading: { members, withdrawn: others.map((member) => member.instance), refused },
      ttlMs: Math.min(ttlMs, ...ttls),
    };
  }
}

/** A single label is no service of the root: many a server refuses to ask the Internet for it (RFC 7085). */
function wholeNames(name: string, file: ResolverFile): readonly string[] {
  const names = namesToAsk(name, file);
  return names.length === 1 ? names : names.filter((whole) => whole.includes("."));
}

/** Of the name itself or of what it is an alias for, each target and port once. */
function recordsOf(reply: Reply, whole: string): readonly SrvRecord[] {
  const names = new Set([whole.toLowerCase()]);
  for (const record of reply.answers) if (record.type === "CNAME" && names.has(record.name)) names.add(record.target);
  const records = new Map<string, SrvRecord>();
  for (const record of reply.answers) {
    if (record.type !== "SRV" || !names.has(record.name)) continue;
    const key = `${record.target}:${record.port}`;
    if (!records.has(key)) records.set(key, record);
  }
  return [...records.values()];
}

/** By priority, the lowest number first. */
function groupsOf(records: Group): readonly Group[] {
  const priorities = [...new Set(records.map(([{ priority }]) => priority))].sort((a, b) => a - b);
  return priorities.map((priority) => records.filter(([record]) => record.priority === priority));
}

/** Whether somebody of a group can be called. Throws where nobody can and one of them could not be asked about. */
function isKnown(group: Group): boolean {
  if (group.some(([, found]) => !(found instanceof Error) && (found?.addresses.length ?? 0) > 0)) return true;
  for (const [, found] of group) if (found instanceof Error) throw found;
  return false;
}

function troubleOf(found: Found | Error): string | undefined {
  if (found instanceof Error) return found.message;
  return found === undefined || found.addresses.length === 0
    ? "there is no such host, or it has no address"
    : undefined;
}

/** A record's share is split among its addresses. */
function membersOf(group: Group): ReadonlyMap<string, ServiceMember> {
  const shares = sharesOf(group.map(([record]) => record.weight));
  const members = new Map<string, ServiceMember>();
  for (const [index, [record, found]] of group.entries()) {
    if (found instanceof Error || found === undefined) continue;
    for (const host of found.addresses) {
      const weight = (shares[index] ?? 1) / found.addresses.length;
      const address = { host, port: record.port, weight };
      const id = addressKey(address);
      if (!members.has(id)) members.set(id, { address, instance: instanceOf(id, record, address) });
    }
  }
  return members;
}

function instanceOf(id: string, { target, priority }: SrvRecord, address: ServiceMember["address"]): Instance {
  return { id, ...address, ready: true, meta: { target, priority: `${priority}` } };
}
