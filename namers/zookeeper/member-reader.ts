/** What makes the members of a service from the children of a node. */
import type { ServiceReading } from "linkspan/plugin";
import type { NodeChildren } from "./node-kind.ts";

/** One a service, for as long as it is followed; one for all where a reading tells all that there is to know. */
export interface MemberReader<T> {
  /** Throws an Error where nothing can be made of the whole; what is known is then kept. */
  read(children: NodeChildren<T> | undefined): ServiceReading;
}
