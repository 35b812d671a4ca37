/** Makes the addresses of a group's leader: the member that was there first says where it is. */
import { type Address, addressKey, type Instance, type ServiceMember, type ServiceReading } from "linkspan/plugin";
import { bareHost, isPort } from "./host-text.ts";
import type { MemberReader } from "./member-reader.ts";
import type { NodeChildren, NodeKind } from "./node-kind.ts";
import { isMemberNode } from "./serverset-reader.ts";

const NOBODY: ReadonlySet<string> = new Set();

/** Of the nodes of all groups: what each member says. */
export const leaderNodes: NodeKind<string> = {
  withData: true,
  wants: isMemberNode,
  read: (data) => new TextDecoder().decode(data).trim(),
  isSame: (a, b) => a === b,
};

/** For all groups. */
export const leaderReader: MemberReader<string> = {
  /**
   * A group without members has no leader. Another leader is a sign that the one before is none any more; a group that
   * is suddenly empty is not. Throws where the leader does not say where it is: nobody else leads meanwhile.
   */
  read(children: NodeChildren<string> | undefined): ServiceReading {
    const leader = [...(children?.keys() ?? [])].sort()[0];
    const text = leader === undefined ? undefined : children?.get(leader);
    if (leader === undefined || text === undefined) return { members: undefined, signs: NOBODY, withdrawn: [] };
    const places = text.split(/[\s,]+/).map(addressOf);
    const addresses = places.filter((address) => address !== undefined);
    const cause = `${JSON.stringify(text.slice(0, 200))} is not a list of host:port`;
    if (addresses.length === 0) throw new Error(`the leader ${leader} does not say where it is: ${cause}`);
    return {
      members: new Map(addresses.map((each) => [addressKey(each), memberOf(leader, each)])),
      signs: "all",
      withdrawn: [],
      refused: new Map(addresses.length < places.length ? [[leader, cause]] : []),
    };
  },
};

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
