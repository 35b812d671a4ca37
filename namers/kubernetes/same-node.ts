/** Which addresses are on the same node: by the network of pods that each node has, or by the node's name. */
import { isIPv4 } from "node:net";
import type { Address } from "linkspan/plugin";

/** What addresses of one node have in common; `undefined` where it cannot be told. */
export type NodeKey = (address: Address) => string | undefined;

/** The first 24 bits of an IPv4 address: the usual size of a node's network of pods. */
export const bySubnet: NodeKey = ({ host }) => (isIPv4(host) ? host.slice(0, host.lastIndexOf(".")) : undefined);

/** For pods in the network of their host, as the API says. */
export const byNodeName: NodeKey = ({ meta }) => meta?.["nodeName"];
