/** Makes the instances of a Curator service from its nodes. */
import { type Instance, type ServiceMember, type ServiceReading } from "linkspan/plugin";
import type { CuratorMember } from "./plain-member.ts";
import type { MemberReader } from "./member-reader.ts";
import { type NodeChildren, Unreadable } from "./node-kind.ts";

type Node = CuratorMember | Unreadable;

/** For all services. */
export const curatorReader: MemberReader<Node> = {
  read(children) {
    // Nearly always all of them are called: then the children as they are kept are the members, too.
    if (children === undefined || areMembers(children)) return { members: children };
    const members = new Map<string, ServiceMember>();
    const withdrawn: Instance[] = [];
    const signs = new Set<string>();
    const refused = new Map<string, string>();
    for (const [node, made] of children) {
      if (made instanceof Unreadable) refused.set(node, made.why);
      else if (made.notCalled === undefined) members.set(node, made);
      else {
        signs.add(node);
        if (made.notCalled === "disabled") withdrawn.push(made.instance);
      }
    }
    return { members, signs, withdrawn, refused } satisfies ServiceReading;
  },
};

function areMembers(children: NodeChildren<Node>): children is NodeChildren<CuratorMember> {
  for (const made of children.values()) if (made instanceof Unreadable || made.notCalled !== undefined) return false;
  return true;
}
