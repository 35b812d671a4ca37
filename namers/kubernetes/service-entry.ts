/** What is kept of a Service: its ports, and where it can be reached from outside of the cluster. */
import { type ApiObject, fieldsOf, listOf, metadataOf, portOf, textOf } from "./json-fields.ts";
import type { Keeper } from "./object-store.ts";

export interface ServicePort {
  /** The empty text where it has none. */
  readonly name: string;
  readonly port: number;
  /** A number, or the name of a port of the pods. */
  readonly targetPort: number | string;
  /** Of every node, where it has one. */
  readonly nodePort: number | undefined;
}

export interface ServiceEntry {
  readonly service: string;
  /** The value of the label that names are chosen by, where there is such a choice. */
  readonly label: string | undefined;
  /** Those of TCP. */
  readonly ports: readonly ServicePort[];
  /** Whether the API server finds its endpoints: otherwise somebody writes them, and targetPort means nothing. */
  readonly hasSelector: boolean;
  /** Hosts of its load balancers. */
  readonly ingress: readonly string[];
}

/** `labelKey`: whose value is kept. */
export class ServiceKeeper implements Keeper<ServiceEntry> {
  readonly #labelKey: string | undefined;

  constructor(labelKey: string | undefined) {
    this.#labelKey = labelKey;
  }

  keep(object: ApiObject): ServiceEntry | undefined {
    const { name, labels } = metadataOf(object);
    const service = textOf(name);
    if (service === undefined) return undefined;
    const spec = fieldsOf(object["spec"]);
    const { ingress } = fieldsOf(fieldsOf(object["status"])["loadBalancer"]);
    const label = this.#labelKey === undefined ? undefined : fieldsOf(labels)[this.#labelKey];
    return {
      service,
      label: typeof label === "string" ? label : undefined,
      ports: listOf(spec["ports"], "ports").flatMap(readPort),
      hasSelector: Object.keys(fieldsOf(spec["selector"])).length > 0,
      ingress: listOf(ingress, "ingress").flatMap((each) => ingressHost(fieldsOf(each))),
    };
  }

  isSame(a: ServiceEntry, b: ServiceEntry): boolean {
    return (
      a.label === b.label &&
      a.hasSelector === b.hasSelector &&
      a.ingress.join() === b.ingress.join() &&
      JSON.stringify(a.ports) === JSON.stringify(b.ports)
    );
  }
}

function readPort(value: unknown): readonly ServicePort[] {
  const { name, port, protocol, targetPort, nodePort } = fieldsOf(value);
  const number = portOf(port, "port");
  if (number === undefined || (textOf(protocol) ?? "TCP") !== "TCP") return [];
  const target = typeof targetPort === "string" ? textOf(targetPort) : portOf(targetPort, "targetPort");
  const outside = portOf(nodePort, "nodePort");
  return [{ name: textOf(name) ?? "", port: number, targetPort: target ?? number, nodePort: outside }];
}

function ingressHost({ hostname, ip }: ApiObject): readonly string[] {
  const host = textOf(hostname) ?? textOf(ip);
  return host === undefined ? [] : [host];
}
