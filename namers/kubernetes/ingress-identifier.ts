/** Names a request by the first Ingress rule that it meets: `NAMESPACE/PORT/SERVICE`. */
import { type Exchange, type Identifier, Path } from "linkspan/plugin";
import type { IngressBackend } from "./ingress-object.ts";
import type { IngressTable } from "./ingress-table.ts";

/** Where the rules are that hold now. */
export interface IngressRules {
  readonly table: IngressTable | undefined;
  readonly trouble: Error | undefined;
}

const NOTHING = "no ingress rule matches";

export class IngressIdentifier implements Identifier {
  readonly #rules: IngressRules;
  readonly #dstPrefix: Path;
  readonly #keys = new WeakMap<IngressBackend, string>();
  reason = NOTHING;

  constructor(rules: IngressRules, dstPrefix: Path) {
    this.#rules = rules;
    this.#dstPrefix = dstPrefix;
  }

  key(x: Exchange): string | undefined {
    const backend = this.#find(x);
    if (backend) return this.#keyOf(backend);
    const { table, trouble } = this.#rules;
    this.reason = table ? NOTHING : `the ingresses are not known yet${trouble ? `: ${trouble.message}` : ""}`;
    return undefined;
  }

  get isWaiting(): boolean {
    return this.#rules.table === undefined;
  }

  path(x: Exchange): Path {
    const backend = this.#find(x);
    // The rules cannot have changed since `key`.
    if (backend === undefined) throw new Error(NOTHING);
    return this.#dstPrefix.concat(Path.of(backend.namespace, backend.port, backend.service));
  }

  #find(x: Exchange): IngressBackend | undefined {
    const { headers, target } = x.request;
    const query = target.indexOf("?");
    return this.#rules.table?.find(hostOf(headers.get("host")), query < 0 ? target : target.slice(0, query));
  }

  #keyOf(backend: IngressBackend): string {
    let key = this.#keys.get(backend);
    if (key === undefined) {
      key = `${backend.namespace}/${backend.port}/${backend.service}`;
      this.#keys.set(backend, key);
    }
    return key;
  }
}

function hostOf(field: string | undefined): string | undefined {
  if (field === undefined || field === "") return undefined;
  const port = field.search(/:\d*$/);
  return (port < 0 ? field : field.slice(0, port)).toLowerCase();
}
