/** The ports that all endpoints of a group have. */
import { fieldsOf, listOf, portOf, textOf } from "./json-fields.ts";

export interface GroupPort {
  /** The name of the Service's port; the empty text where it has none. */
  readonly name: string;
  readonly port: number;
}

export type GroupPorts = readonly GroupPort[];

const MOST = 1_000;

/** One list for all groups with the same ports, of which a cluster has few; forgets when they are too many. */
export class PortLists {
  readonly #known = new Map<string, GroupPorts>();

  /** What an object of the API says. */
  read(value: unknown): GroupPorts {
    const ports = portsOf(value);
    const key = JSON.stringify(ports);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, ports);
    return ports;
  }
}

/** Those of TCP that have a number: without one it is every port, which nobody can call. */
function portsOf(value: unknown): GroupPorts {
  const ports: GroupPort[] = [];
  for (const each of listOf(value, "ports")) {
    const { name, port, protocol } = fieldsOf(each);
    const number = portOf(port, "port");
    if (number === undefined || (textOf(protocol) ?? "TCP") !== "TCP") continue;
    ports.push({ name: textOf(name) ?? "", port: number });
  }
  return ports;
}

export function isSamePorts(a: GroupPorts, b: GroupPorts): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every(({ name, port }, at) => name === b[at]?.name && port === b[at]?.port);
}
