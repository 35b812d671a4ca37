/** `io.l5d.k8s.localnode`: of each name only the addresses on the node of this pod. */
import {
  type Address,
  AddressSet,
  AddressTransformer,
  type Environment,
  Path,
  type Transformer,
} from "linkspan/plugin";
import { byNodeName, bySubnet } from "./same-node.ts";

export interface LocalNodeConfig {
  readonly prefix?: Path;
  /** Whether pods are in the network of their node, where no IP tells it. */
  readonly hostNetwork: boolean;
}

const standard = Path.of("io.l5d.k8s.localnode");

/** Throws an Error that names the variable that is not set. */
export function toLocalNode(
  { prefix = standard, hostNetwork }: LocalNodeConfig,
  environment: Environment,
): Transformer {
  const own = variable(hostNetwork ? "NODE_NAME" : "POD_IP", environment);
  const nodeOf = hostNetwork ? byNodeName : bySubnet;
  const here = hostNetwork ? own : bySubnet({ host: own, port: 0, weight: 1 });
  if (here === undefined) throw new Error(`POD_IP is ${own}, which is no IPv4 address`);
  const isHere = (address: Address): boolean => nodeOf(address) === here;
  return new AddressTransformer(prefix.concat(Path.of(own)), ({ addresses, meta }) =>
    AddressSet.of(addresses.filter(isHere), meta),
  );
}

function variable(name: string, environment: Environment): string {
  const value = environment[name];
  if (value !== undefined && value !== "") return value;
  const means = name === "POD_IP" ? "the pod's IP (fieldRef status.podIP)" : "the node's name (fieldRef spec.nodeName)";
  throw new Error(`the environment variable ${name} is not set; set it to ${means}`);
}
