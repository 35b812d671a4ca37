/** Reads the path of a name as `NAMESPACE/PORT/SERVICE[/LABEL VALUE]`. */
import { Path } from "linkspan/plugin";
import { type WantedPort, wantedPort } from "./wanted-port.ts";

export interface ServiceName {
  readonly namespace: string;
  readonly service: string;
  readonly port: WantedPort;
  /** What a label must say; `undefined` where names are not chosen by one. */
  readonly label: string | undefined;
  /** What the namer consumed of the path, as an id has it. */
  readonly id: Path;
  readonly residual: Path;
}

export interface NameRules {
  /** Paths have none then. */
  readonly namespace: string | undefined;
  /** Whether paths have the value of a label. */
  readonly hasLabel: boolean;
  /** Whether an id has the letters of the path; otherwise all are small. A label's value stays as it is. */
  readonly keepsCase: boolean;
}

/** RFC 1123 §2.1, as names of Services and namespaces are. */
const DNS_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** `undefined` for what no Service can be called. */
export function serviceName(path: Path, rules: NameRules): ServiceName | undefined {
  const size = (rules.namespace === undefined ? 3 : 2) + (rules.hasLabel ? 1 : 0);
  if (path.size < size) return undefined;
  const written = path.elems.slice(0, size);
  const small = written.map((element) => element.toLowerCase());
  const [namespace = "", port = "", service = ""] = rules.namespace === undefined ? small : [rules.namespace, ...small];
  const wanted = wantedPort(port);
  const label = rules.hasLabel ? written[size - 1] : undefined;
  if (!DNS_NAME.test(namespace) || !DNS_NAME.test(service) || wanted === undefined) return undefined;
  if (label !== undefined && !LABEL_VALUE.test(label)) return undefined;
  const shown = label === undefined ? small : [...small.slice(0, -1), label];
  const id = rules.keepsCase ? path.take(size) : Path.from(shown);
  return { namespace, service, port: wanted, label, id, residual: path.drop(size) };
}
