/** Makes the members of a serverset from its nodes: those of one endpoint and shard, with the weights that vectors say. */
import {
  type Address,
  addressKey,
  type Instance,
  readMark,
  type ServiceMember,
  type ServiceReading,
} from "linkspan/plugin";
import { markedBy } from "./marked-instance.ts";
import type { MemberReader } from "./member-reader.ts";
import { type NodeChildren, type NodeKind, orUnreadable, Unreadable } from "./node-kind.ts";
import type { ServersetJob } from "./serverset-job.ts";
import { type HostPort, readServersetMember, type ServersetMember } from "./serverset-member.ts";
import { readWeightVector, weightIn, type WeightVector } from "./serverset-vector.ts";

export const MEMBER = "member_";
const VECTOR = "vector_";

/** The key in a member's metadata that says who announced it, and what it was made of. */
export const MARK_KEY = "linkspan";

export const isMemberNode = (name: string): boolean => name.startsWith(MEMBER);
const isVectorNode = (name: string): boolean => name.startsWith(VECTOR);

/** What is kept of a node. */
export type ServersetNode = ServersetMember | WeightVector | Unreadable;

/** Of the nodes of all serversets. */
export const serversetNodes: NodeKind<ServersetNode> = {
  withData: true,
  wants: (name) => isMemberNode(name) || isVectorNode(name),
  read: (data, name) => orUnreadable(() => (isVectorNode(name) ? readWeightVector(data) : readServersetMember(data))),
  isSame: (a, b) => a instanceof Unreadable && b instanceof Unreadable && a.why === b.why,
};

/** A member that is called, and its node. */
interface Found {
  readonly node: string;
  readonly shard: number | undefined;
  readonly member: ServiceMember;
}

/** One a name. Serversets share their nodes, and what is read of them, with other names of the same node. */
export class ServersetReader implements MemberReader<ServersetNode> {
  readonly #job: ServersetJob;
  /** What each node's member was known by in the newest reading: that is what its status is a sign of. */
  #keys: ReadonlyMap<string, string> = new Map();

  constructor(job: ServersetJob) {
    this.#job = job;
  }

  /** Members are known by where they are. A node without any member is no serverset. */
  read(children: NodeChildren<ServersetNode> | undefined): ServiceReading {
    const refused = new Map<string, string>();
    const vectors = new Map<string, WeightVector>();
    const all = new Map<string, ServersetMember>();
    for (const [node, made] of children ?? []) {
      if (made instanceof Unreadable) refused.set(node, made.why);
      else if ("weightOf" in made) vectors.set(node, made);
      else all.set(node, made);
    }
    const found: Found[] = [];
    const withdrawn: Instance[] = [];
    const signs = new Set<string>();
    for (const [node, member] of all) {
      const endpoint = this.#endpointOf(member);
      const weight = endpoint && weightIn(vectors.values(), { ...endpoint, node, shard: member.shard });
      if (endpoint && weight !== undefined && member.status === "ALIVE") {
        found.push({ node, shard: member.shard, member: madeOf(node, member, endpoint, weight) });
        continue;
      }
      const known = this.#keys.get(node);
      if (known !== undefined) signs.add(known);
      if (!endpoint) continue;
      signs.add(addressKey({ ...endpoint, weight: 1 }));
      withdrawn.push(serversetInstance(node, member, endpoint, weight ?? 0, false));
    }
    const members = this.#known(found);
    const isThere = all.size > 0 || [...refused.keys()].some(isMemberNode);
    const shards = new Set([...members.values()].map(shardOf).filter((shard) => shard !== undefined));
    // What the guard holds of a shard is over as soon as that shard is anywhere else.
    const replaces = (held: ServiceMember): boolean => shards.has(shardOf(held) ?? "");
    return { members: isThere ? members : undefined, signs, withdrawn, refused, replaces };
  }

  #endpointOf(member: ServersetMember): HostPort | undefined {
    const { endpoint, shard } = this.#job;
    if (shard !== undefined && member.shard !== shard) return undefined;
    return endpoint === undefined ? member.service : member.additional.get(endpoint);
  }

  /**
   * Newest first. A shard that came back on its host replaces what it was there, whose node lives on until its session
   * ends. On other hosts the same shard is another instance: Linkerd 1 announced every instance as shard 0.
   */
  #known(found: readonly Found[]): ReadonlyMap<string, ServiceMember> {
    const members = new Map<string, ServiceMember>();
    const keys = new Map<string, string>();
    const shards = new Set<string>();
    for (const { node, shard, member } of found.toSorted((a, b) => (a.node < b.node ? 1 : -1))) {
      const key = addressKey(member.address);
      const place = `${shard} ${member.address.host}`;
      keys.set(node, key);
      if (members.has(key) || (shard !== undefined && shards.has(place))) continue;
      shards.add(place);
      members.set(key, member);
    }
    this.#keys = keys;
    return members;
  }
}

const shardOf = ({ instance }: ServiceMember): string | undefined => instance.meta?.["shard"];

function madeOf(node: string, member: ServersetMember, endpoint: HostPort, weight: number): ServiceMember {
  const { [MARK_KEY]: _, ...metadata } = member.metadata;
  const meta = { ...metadata, ...shardMeta(member) };
  const address: Address = { ...endpoint, weight, ...(Object.keys(meta).length === 0 ? {} : { meta }) };
  return { instance: serversetInstance(node, member, endpoint, weight, true), address };
}

export function serversetInstance(
  node: string,
  member: ServersetMember,
  endpoint: HostPort,
  weight: number,
  ready: boolean,
): Instance {
  const { [MARK_KEY]: marked = "", ...metadata } = member.metadata;
  const mark = readMark(marked);
  const { zone } = metadata;
  return {
    ...(mark ? markedBy(mark) : { id: node }),
    ...endpoint,
    weight,
    ready,
    ...(zone === undefined || zone === "" ? {} : { zone }),
    meta: { ...(mark ? metadata : member.metadata), ...shardMeta(member), node, status: member.status },
  };
}

const shardMeta = ({ shard }: ServersetMember): Readonly<Record<string, string>> =>
  shard === undefined ? {} : { shard: String(shard) };
