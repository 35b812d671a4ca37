/** Makes the addresses of a group's leader: the member that was there first says where it is. */
import { type Address, addressKey, type Instance, type ServiceMember, type ServiceReading } from "linkspan/plugin";
import { bareHost, isPort } from "./host-text.ts";
import type { MemberReader } from "./member-reader.ts";
import type { NodeChildren } from "./node-mirror.ts";
import type { RefusedNodes } from "./refused-nodes.ts";
import { isMemberNode } from "./serverset-reader.ts";

const NOBODY: ReadonlySet<string> = new Set();

/** One a name. */
export class LeaderReader implements MemberReader {
  readonly #refused: RefusedNodes;

  constructor(refused: RefusedNodes) {
    this.#refused = refused;
  }

  readonly wants = isMemberNode;

  /**
   * A group without members has no leader. Another leader is a sign that the one before is none any more; a group that
   * is suddenly empty is not. Throws where the leader does not say where it is: nobody else leads meanwhile.
   */
  read(children: NodeChildren | undefined): ServiceReading {
    this.#refused.keep(children);
    const leader = [...(children?.keys() ?? [])].sort()[0];
    const data = leader === undefined ? undefined : children?.get(leader);
    if (leader === undefined || data === undefined) return { members: undefined, signs: NOBODY, withdrawn: [] };
    const addresses = this.#addressesOf(leader, data);
    return {
      members: new Map(addresses.map((each) => [addressKey(each), memberOf(leader, each)])),
      signs: "all",
      withdrawn: [],
    };
  }

  #addressesOf(leader: string, data: Uint8Array): readonly Address[] {
    const text = new TextDecoder().decode(data).trim();
    const addresses = text.split(/[\s,]+/).map(addressOf);
    const good = addresses.filter((address) => address !== undefined);
    if (good.length === addresses.length) this.#refused.accept(leader);
    else this.#refused.refuse(leader, new Error(`${JSON.stringify(text.slice(0, 200))} is not a list of host:port`));
    if (good.length === 0) throw new Error(`the leader ${leader} does not say where it is`);
    return good;
  }
}

function addressOf(text: string): Address | undefined {
  const colon = text.lastIndexOf(":");
  const host = bareHost(text.slice(0, Math.max(0, colon)));
  const port = /^\d{1,5}$/.test(text.slice(colon + 1)) ? Number(text.slice(colon + 1)) : undefined;
  return host === "" || !isPort(port) ? undefined : { host, port, weight: 1 };
}

function memberOf(node: string, address: Address): ServiceMember {
  const instance: Instance = { id: addressKey(address), ...address, ready: true, meta: { node } };
  return { instance, address };
}
