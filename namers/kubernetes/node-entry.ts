/** What is kept of a node: by which address its ports are reached from outside of the cluster. */
import { type ApiObject, fieldsOf, listOf, metadataOf, textOf } from "./json-fields.ts";
import type { Keeper } from "./object-store.ts";

/** What all nodes belong to, as feeds have it. */
export const ALL_NODES = "nodes";

export interface NodeEntry {
  readonly service: typeof ALL_NODES;
  readonly name: string;
  readonly host: string;
}

/** In the order in which one is taken: hosts beside a cluster share its network more often than not. */
const ADDRESSES = ["InternalIP", "ExternalIP"];

export class NodeKeeper implements Keeper<NodeEntry> {
  keep(object: ApiObject): NodeEntry | undefined {
    const name = textOf(metadataOf(object)["name"]);
    const addresses = listOf(fieldsOf(object["status"])["addresses"], "addresses").map(fieldsOf);
    const [host] = ADDRESSES.flatMap(
      (type) => textOf(addresses.find((each) => each["type"] === type)?.["address"]) ?? [],
    );
    return name === undefined || host === undefined ? undefined : { service: ALL_NODES, name, host };
  }

  isSame(a: NodeEntry, b: NodeEntry): boolean {
    return a.name === b.name && a.host === b.host;
  }
}
