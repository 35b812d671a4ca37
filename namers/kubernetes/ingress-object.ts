/** What is kept of an Ingress: which requests it sends to which Service. */
import { isDeepStrictEqual } from "node:util";
import { type ApiObject, fieldsOf, listOf, metadataOf, textOf } from "./json-fields.ts";
import type { Keeper } from "./object-store.ts";

export interface IngressBackend {
  readonly namespace: string;
  readonly service: string;
  /** By name or number, as it is written. */
  readonly port: string;
}

/** `regex`: all of a request's path must match. `prefix`: element by element, as in the API's own words. */
export type PathRule =
  | { readonly type: "any" }
  | { readonly type: "exact" | "prefix"; readonly path: string }
  | { readonly type: "regex"; readonly pattern: RegExp };

export interface IngressRule {
  /** In small letters; `undefined` for every host, `*.example.com` for one label before a domain. */
  readonly host: string | undefined;
  readonly path: PathRule;
  readonly backend: IngressBackend;
}

export interface IngressEntry {
  /** `namespace/name`. */
  readonly key: string;
  readonly rules: readonly IngressRule[];
  readonly fallback: IngressBackend | undefined;
}

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** Keeps the Ingresses of one class, and those of none. The forms of v1 and of v1beta1 are read alike. */
export class IngressKeeper implements Keeper<IngressEntry> {
  readonly #ingressClass: string;

  constructor(ingressClass: string) {
    this.#ingressClass = ingressClass;
  }

  keep(object: ApiObject): IngressEntry | undefined {
    const { name, namespace, annotations } = metadataOf(object);
    const spec = fieldsOf(object["spec"]);
    const said = textOf(fieldsOf(annotations)[CLASS_ANNOTATION]) ?? textOf(spec["ingressClassName"]);
    if (said !== undefined && said !== this.#ingressClass) return undefined;
    const home = textOf(namespace) ?? "default";
    return {
      key: `${home}/${textOf(name) ?? ""}`,
      rules: listOf(spec["rules"], "rules").flatMap((rule) => readRule(fieldsOf(rule), home)),
      fallback: readBackend(fieldsOf(spec["defaultBackend"] ?? spec["backend"]), home),
    };
  }

  isSame(a: IngressEntry, b: IngressEntry): boolean {
    return isDeepStrictEqual(a, b);
  }
}

function readRule(rule: ApiObject, namespace: string): readonly IngressRule[] {
  const host = textOf(rule["host"])?.toLowerCase();
  return listOf(fieldsOf(rule["http"])["paths"], "paths").flatMap((each) => {
    const fields = fieldsOf(each);
    const backend = readBackend(fieldsOf(fields["backend"]), namespace);
    return backend ? [{ host, path: readPath(fields), backend }] : [];
  });
}

function readPath({ path, pathType }: ApiObject): PathRule {
  const text = textOf(path);
  if (text === undefined) return { type: "any" };
  if (pathType === "Exact") return { type: "exact", path: text };
  if (pathType === "Prefix") return { type: "prefix", path: text.length > 1 ? text.replace(/\/$/, "") : "" };
  // As in Linkerd 1. Throws where it is no regular expression; the Ingress is told of as unreadable.
  return { type: "regex", pattern: new RegExp(`^(?:${text})$`) };
}

function readBackend(backend: ApiObject, namespace: string): IngressBackend | undefined {
  const own = fieldsOf(backend["service"]);
  const port = fieldsOf(own["port"]);
  const service = textOf(own["name"]) ?? textOf(backend["serviceName"]);
  const written = port["name"] ?? port["number"] ?? backend["servicePort"];
  if (service === undefined || (typeof written !== "string" && typeof written !== "number")) return undefined;
  return { namespace, service, port: String(written) };
}
