/** A router of a linkerd.yaml in the words of the short form: its routes, where it listens, and its settings. */
import { isDeepStrictEqual } from "node:util";
import type { Dtab } from "../../naming/dtab.ts";
import { type NameTree } from "../../naming/name-tree.ts";
import { Path } from "../../naming/path.ts";
import { type RouterConfig, type ServerConfig, settingsFor } from "../config.ts";
import type { HttpProtocol } from "../client-schema.ts";
import type { Targets } from "../short-schema.ts";
import { clientAuthOf, pairsOf, type ServerTlsConfig } from "../tls-schema.ts";
import { followDtab, textOfTree } from "./follow-dtab.ts";
import { sayClient, sayService } from "./say-settings.ts";
import { sayTargets, type Writings } from "./say-targets.ts";

export type Keys = Readonly<Record<string, unknown>>;
export type RequestRouterConfig = RouterConfig & { readonly protocol: HttpProtocol };

/** Stands for every host that a router does not name. */
export const STRANGER = "any.other.host";

/** Why a router stays as it is: the key that cannot be said. */
export class Unsayable extends Error {
  override readonly name = "Unsayable";
  readonly key: string;
  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/** The hosts that a router speaks of anywhere, and one that it does not. */
export function hostsOf(router: RouterConfig): readonly string[] {
  const prefixes = router.dtab.dentries.flatMap(({ prefix }) => prefix.elems.filter((elem) => elem !== null));
  const patterns = [...router.service.rules, ...router.client.rules].flatMap(({ prefix }) => prefix.show.split("/"));
  return [...new Set([...prefixes, ...patterns])].filter((host) => /^[^/#$*{}\s]+$/.test(host)).concat(STRANGER);
}

/** The short form that may mean the same, which the caller has to see for himself. Throws Unsayable. */
export function sayRouter(router: RequestRouterConfig, writings: Writings): Keys {
  const [server, more] = router.servers;
  if (server === undefined || more !== undefined) throw new Unsayable("servers", "there is one port for each protocol");
  if (router.dstPrefix.show !== "/svc") throw new Unsayable("dstPrefix", "names begin with `/svc`");
  const all = { ...clientAt(router, idsOf(router, STRANGER)), ...serviceAt(router, STRANGER) };
  return { ...sayListen(router, server), routes: new RouteSpeaker(router, writings, all).routes(), ...all };
}

/** The concrete names that a host may be led to. */
export function idsOf(router: RouterConfig, host: string): readonly Path[] {
  const tree = followDtab(router.dtab, Path.of("svc", host));
  return tree === undefined ? [] : leavesOf(tree);
}

class RouteSpeaker {
  readonly #router: RequestRouterConfig;
  readonly #writings: Writings;
  readonly #all: Keys;
  /** Where a host that nobody names is led, as a text. */
  readonly #rest: string;
  constructor(router: RequestRouterConfig, writings: Writings, all: Keys) {
    this.#router = router;
    this.#writings = writings;
    this.#all = all;
    this.#rest = textOfTree(follow(router.dtab, STRANGER));
  }

  routes(): Keys {
    const routes: Record<string, unknown> = {};
    for (const host of hostsOf(this.#router)) {
      const route = host === STRANGER ? undefined : this.#route(host);
      if (route !== undefined) routes[host] = route;
    }
    const rest = follow(this.#router.dtab, STRANGER);
    if (rest.tag !== "neg") routes["*"] = this.#targets(rest, STRANGER, "*");
    if (Object.keys(routes).length === 0) throw new Unsayable("dtab", "it leads no host anywhere");
    return routes;
  }

  /** Nothing where the rest of the hosts is led to the same, with the same settings. */
  #route(host: string): unknown {
    const tree = follow(this.#router.dtab, host);
    const isRest = textOfTree(tree) === this.#rest.replaceAll(STRANGER, host);
    const own = { ...clientAt(this.#router, leavesOf(tree)), ...serviceAt(this.#router, host) };
    const said = Object.entries(own).filter(([key, value]) => !isDeepStrictEqual(value, this.#all[key]));
    if (tree.tag === "neg" || (isRest && said.length === 0)) return undefined;
    if (/[A-Z:]/.test(host)) throw new Unsayable("dtab", `hosts have no capitals and no port, as \`${host}\` has`);
    const to = this.#targets(tree, undefined, host);
    return said.length === 0 ? to : { to, ...Object.fromEntries(said) };
  }

  #targets(tree: NameTree<Path>, own: string | undefined, host: string): Targets {
    const targets = sayTargets(tree, this.#writings, own);
    if (targets === undefined) throw new Unsayable("dtab", `no list and no weights lead where it leads \`${host}\``);
    return targets;
  }
}

function follow(dtab: Dtab, host: string): NameTree<Path> {
  const tree = followDtab(dtab, Path.of("svc", host));
  if (tree === undefined) throw new Unsayable("dtab", "it asks a system namer, or leads on and on");
  return tree;
}

function leavesOf(tree: NameTree<Path>): readonly Path[] {
  if (tree.tag === "leaf") return [tree.value];
  if (tree.tag === "alt") return tree.trees.flatMap(leavesOf);
  return tree.tag === "union" ? tree.branches.flatMap((branch) => leavesOf(branch.tree)) : [];
}

/** What holds for all of these clusters; for clusters of no name what is said of all. */
function clientAt(router: RequestRouterConfig, ids: readonly Path[]): Keys {
  const [first, ...others] = (ids.length === 0 ? [Path.empty] : ids).map((id) =>
    sayClient(settingsFor(router.client, id), router.protocol),
  );
  if (!others.every((other) => isDeepStrictEqual(other, first))) {
    throw new Unsayable("client", "what holds for clusters differs among the targets of a route");
  }
  return first ?? {};
}

function serviceAt(router: RequestRouterConfig, host: string): Keys {
  return sayService(settingsFor(router.service, Path.of("svc", host)), router.protocol);
}

function sayListen({ protocol, label }: RequestRouterConfig, { port, ip, tls, trust }: ServerConfig): Keys {
  const isPlain = protocol === "http" && label === protocol && ip === "127.0.0.1" && tls === undefined;
  const listen = {
    [protocol]: port,
    ...(ip === "127.0.0.1" ? {} : { host: ip }),
    ...(tls === undefined ? {} : { tls: sayServerTls(tls) }),
    ...(label === protocol ? {} : { labels: { [protocol]: label } }),
  };
  // Linkerd 1 took context from everybody.
  const trusted = trust ?? EVERYBODY;
  return { listen: isPlain ? port : listen, ...(trusted.length === 0 ? {} : { trust: trusted }) };
}

function sayServerTls(tls: ServerTlsConfig): Keys {
  const [first, ...others] = pairsOf(tls).map(({ certPath: cert, keyPath: key }) => ({ cert, key }));
  const { caCertPath: ca } = tls;
  const clientAuth = clientAuthOf(tls);
  return {
    ...first,
    ...(others.length === 0 ? {} : { certificates: others }),
    ...(ca === undefined ? {} : { ca, ...(clientAuth === "required" ? {} : { clientAuth }) }),
  };
}

/** Every address. */
export const EVERYBODY: readonly string[] = ["0.0.0.0/0", "::/0"];
