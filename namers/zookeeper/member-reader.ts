/** What makes the members of a service from the children of a node. */
import type { ServiceReading } from "linkspan/plugin";
import type { NodeChildren } from "./node-mirror.ts";

/** One a service, for as long as it is followed. */
export interface MemberReader {
  /** Which children of the node it reads; all unless given. */
  readonly wants?: (name: string) => boolean;
  /** Throws an Error where nothing can be made of the whole; what is known is then kept. */
  read(children: NodeChildren | undefined): ServiceReading;
}
