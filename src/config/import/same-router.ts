/** Whether two routers do the same with every request that both understand. */
import { Path } from "../../naming/path.ts";
import { type ClientConfig, type RouterConfig, type ServiceConfig, type Settings, settingsFor } from "../config.ts";
import { meansTheSame } from "../meaning.ts";
import { clientAuthOf, pairsOf, trustOf } from "../tls-schema.ts";
import { followDtab, textOfTree } from "./follow-dtab.ts";
import { EVERYBODY, hostsOf, idsOf, STRANGER } from "./say-router.ts";
import { retriedByH2 } from "./say-settings.ts";

/** What an import may change, and says so. */
const MAY_DIFFER = new Set(["identifiers", "dtabPlaces", "dtab", "client", "service", "servers"]);

/** The first key of which they say different things; `undefined` if there is none. */
export function differingKey(before: RouterConfig, after: RouterConfig): string | undefined {
  const own = Object.keys(before).find((key) => !MAY_DIFFER.has(key) && !same(before, after, key));
  if (own !== undefined) return own;
  if (!meansTheSame(before.servers.map(trusting), after.servers.map(trusting))) return "servers";
  const hosts = [...new Set([...hostsOf(before), ...hostsOf(after)])];
  if (!hosts.every((host) => leadsAlike(before, after, host))) return "dtab";
  const names = [...hosts.map((host) => Path.of("svc", host)), ...namesIn(before.service), ...namesIn(after.service)];
  if (!names.every((name) => servesAlike(before.service, after.service, name))) return "service";
  const ids = [...hosts.flatMap((host) => idsOf(before, host)), ...namesIn(before.client), ...namesIn(after.client)];
  return ids.every((id) => callsAlike(before.client, after.client, id)) ? undefined : "client";
}

function leadsAlike(before: RouterConfig, after: RouterConfig, host: string): boolean {
  const [old, now] = [before, after].map(({ dtab }) => followDtab(dtab, Path.of("svc", host)));
  return old !== undefined && now !== undefined && textOfTree(old) === textOfTree(now);
}

function servesAlike(before: Settings<ServiceConfig>, after: Settings<ServiceConfig>, name: Path): boolean {
  const [old, now] = [before, after].map((settings) => plainService(settingsFor(settings, name)));
  return meansTheSame({ old }, { old: now });
}

function callsAlike(before: Settings<ClientConfig>, after: Settings<ClientConfig>, id: Path): boolean {
  const [old, now] = [before, after].map((settings) => plainClient(settingsFor(settings, id)));
  return meansTheSame({ old }, { old: now });
}

/** Answers of gRPC apart, a classifier of HTTP/2 judges as that of the short form which tries the same again. */
function plainService({ responseClassifier, ...service }: ServiceConfig): object {
  const { kind, config } = responseClassifier;
  const retried = retriedByH2(kind);
  const classifier =
    retried === undefined ? { kind, config } : { kind: "linkspan.status", config: { retryable: retried } };
  return { ...service, classifier };
}

/** Roots in one file are roots in one file. */
function plainClient({ tls, ...client }: ClientConfig): object {
  if (tls === undefined) return client;
  const { trustCerts: _, trustCertsBundle: __, ...rest } = tls;
  return { ...client, tls: { ...rest, trust: trustOf(tls) } };
}

/** A name for each pattern: one that only a caller's own dtab may lead to is spoken of too. */
function namesIn({ rules }: Settings<object>): readonly Path[] {
  return [Path.empty, ...rules.map(({ prefix }) => Path.read(prefix.show.replaceAll(/\{[^{}]*\}|\*/g, STRANGER)))];
}

function same(before: RouterConfig, after: RouterConfig, key: string): boolean {
  const [old, now] = [before, after].map((router): unknown => Reflect.get(router, key));
  return meansTheSame({ value: old }, { value: now });
}

/** To trust nobody in particular is to trust everybody; and whom certificates are asked of can be said in two ways. */
function trusting({ trust = EVERYBODY, tls, ...others }: RouterConfig["servers"][number]): object {
  const { label: _, ...server } = others;
  if (tls === undefined) return { trust, ...server };
  const { certPath: _cert, keyPath: _key, requireClientAuth: _required, ...rest } = tls;
  return { trust, ...server, tls: { ...rest, certificates: pairsOf(tls), clientAuth: clientAuthOf(tls) } };
}
