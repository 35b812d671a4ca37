/** Where in the short form that is written what stands at a place of the linkerd.yaml that it became. */
import type { HttpProtocol } from "./client-schema.ts";
import type { Locate } from "./config-error.ts";
import type { At } from "./field.ts";
import { portPlace, type PortRouter } from "./short-ports.ts";
import type { RequestRouter } from "./short-routers.ts";
import type { Route } from "./short-route.ts";
import type { ShortForm } from "./short-schema.ts";
import type { SourceConfig } from "./short-sources.ts";
import type { Aspect } from "./source.ts";

/** What the linkerd.yaml was made of. Its routers are those of requests, those of ports, and then those of the file. */
export interface Made {
  readonly parsed: ShortForm;
  readonly routes: readonly Route[];
  readonly requests: readonly RequestRouter[];
  readonly ports: readonly PortRouter[];
}

export function locator({ parsed, routes, requests, ports }: Made): Locate {
  const names = Object.keys(parsed.sources);
  const isHostTable = requests.length > 0 && routes.every(({ at }) => typeof at[1] === "string");
  const dtabs = requests.map(({ protocol }) => new DtabPlaces(routes, protocol));
  return (at, aspect) => {
    const [top, index, ...rest] = at;
    const number = Number(index);
    if (top === "namers" && index !== undefined) {
      if (number >= names.length) return { at: ["namers", number - names.length, ...rest], aspect };
      return { at: namerPlace(rest, names[number] ?? "", parsed), aspect: {} };
    }
    if (top !== "routers" || index === undefined) return { at, aspect };
    const [request, dtab] = [requests[number], dtabs[number]];
    if (request !== undefined && dtab !== undefined) {
      return requestPlace(rest, aspect, request, { parsed, dtab, isHostTable });
    }
    const port = ports[number - requests.length];
    if (port !== undefined) return { at: portPlace(port, at, aspect), aspect: { key: true } };
    return { at: ["routers", number - requests.length - ports.length, ...rest], aspect };
  };
}

interface Around {
  readonly parsed: ShortForm;
  readonly dtab: DtabPlaces;
  readonly isHostTable: boolean;
}

/** Of a router of requests, at `at` in it. */
function requestPlace(at: At, aspect: Aspect, router: RequestRouter, { parsed, dtab, isHostTable }: Around) {
  const [key, second, third] = at;
  if (key === "servers") return { at: serverPlace(at, parsed, router), aspect: {} };
  if (key === "label") return { at: ["listen", "labels", router.protocol], aspect: {} };
  const asKey: Aspect = { key: isHostTable };
  if (key === "dtab") return { at: dtab.at(aspect.offset ?? 0), aspect: asKey };
  if (key === "identifier" && second === "routes") return { at: ["routes", third ?? 0], aspect: {} };
  if (key !== "client" && key !== "service") return { at: ["routes"], aspect: { key: true } };
  const [route, inside] =
    second === "configs" ? [router.places[key][Number(third)] ?? [], at.slice(3)] : [[], at.slice(1)];
  const settings = inside.map((each) => SETTINGS[each] ?? each);
  return { at: [...route, ...settings], aspect: settings.length > 0 ? { key: true } : asKey };
}

/** Keys of clients and services, and the settings that they were made of. */
const SETTINGS: Readonly<Record<string, string>> = {
  loadBalancer: "balancer",
  slowStartMs: "slowStart",
  panicThreshold: "panic",
  requestAttemptTimeoutMs: "attemptTimeout",
  maxPendingRequests: "maxPending",
  totalTimeoutMs: "timeout",
  responseClassifier: "retries",
  commonName: "name",
  trustCertsBundle: "ca",
  certPath: "cert",
  keyPath: "key",
};

function serverPlace(at: At, parsed: ShortForm, { protocol }: RequestRouter): At {
  const inTls = at.indexOf("tls");
  if (inTls >= 0)
    return ["listen", ...at.slice(inTls).map((each) => (each === "caCertPath" ? "ca" : (SETTINGS[each] ?? each)))];
  if (at.at(-1) !== "port") return ["listen"];
  return typeof parsed.listen === "number" ? ["listen"] : ["listen", protocol];
}

/** Keys of namers, and the keys of sources that they were made of. */
const KEYS: Readonly<Record<string, keyof SourceConfig>> = {
  rootDir: "files",
  zkAddrs: "zookeeper",
  basePath: "path",
  kubeconfig: "kubernetes",
  inCluster: "kubernetes",
  context: "context",
  token: "token",
  tokenFile: "tokenFile",
  namespace: "namespace",
};

function namerPlace([written]: At, name: string, parsed: ShortForm): At {
  const source = parsed.sources[name];
  const key = KEYS[String(written)];
  return key !== undefined && source !== undefined && key in source ? ["sources", name, key] : ["sources", name];
}

/** The routes of a dtab, by its letters. */
class DtabPlaces {
  readonly #routes: readonly Route[];
  /** Where each dentry ends. */
  readonly #ends: readonly number[];

  constructor(routes: readonly Route[], protocol: HttpProtocol) {
    let end = 0;
    this.#routes = routes;
    // As `dtabOf` writes them.
    this.#ends = routes.map(({ leads }) => (end += leads[protocol].dentry.length + 3));
  }

  /** The route whose dentry has the letter at `offset`. */
  at(offset: number): At {
    let [low, high] = [0, this.#ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return this.#routes[low]?.at ?? ["routes"];
  }
}
