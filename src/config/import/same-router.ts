/** Whether two routers do the same with every request that both understand. */
import { Path } from "../../naming/path.ts";
import { type RouterConfig, type Settings, settingsFor } from "../config.ts";
import { meansTheSame } from "../meaning.ts";
import { followDtab, textOfTree } from "./follow-dtab.ts";
import { EVERYBODY, hostsOf, idsOf, STRANGER } from "./say-router.ts";

/** What an import may change, and says so. */
const MAY_DIFFER = new Set(["label", "identifiers", "dtabPlaces", "dtab", "client", "service", "servers"]);

/** The first key of which they say different things; `undefined` if there is none. */
export function differingKey(before: RouterConfig, after: RouterConfig): string | undefined {
  const own = Object.keys(before).find((key) => !MAY_DIFFER.has(key) && !same(before, after, key));
  if (own !== undefined) return own;
  if (!meansTheSame(before.servers.map(trusting), after.servers.map(trusting))) return "servers";
  const hosts = [...new Set([...hostsOf(before), ...hostsOf(after)])];
  if (!hosts.every((host) => leadsAlike(before, after, host))) return "dtab";
  const names = [...hosts.map((host) => Path.of("svc", host)), ...namesIn(before.service), ...namesIn(after.service)];
  if (!names.every((name) => saysAlike(before.service, after.service, name))) return "service";
  const ids = [...hosts.flatMap((host) => idsOf(before, host)), ...namesIn(before.client), ...namesIn(after.client)];
  return ids.every((id) => saysAlike(before.client, after.client, id)) ? undefined : "client";
}

function leadsAlike(before: RouterConfig, after: RouterConfig, host: string): boolean {
  const [old, now] = [before, after].map(({ dtab }) => followDtab(dtab, Path.of("svc", host)));
  return old !== undefined && now !== undefined && textOfTree(old) === textOfTree(now);
}

function saysAlike<C extends object>(before: Settings<C>, after: Settings<C>, name: Path): boolean {
  return meansTheSame(settingsFor(before, name), settingsFor(after, name));
}

/** A name for each pattern: one that only a caller's own dtab may lead to is spoken of too. */
function namesIn({ rules }: Settings<object>): readonly Path[] {
  return [Path.empty, ...rules.map(({ prefix }) => Path.read(prefix.show.replaceAll(/\{[^{}]*\}|\*/g, STRANGER)))];
}

function same(before: RouterConfig, after: RouterConfig, key: string): boolean {
  const [old, now] = [before, after].map((router): unknown => Reflect.get(router, key));
  return meansTheSame({ value: old }, { value: now });
}

/** To trust nobody in particular is to trust everybody. */
function trusting({ trust = EVERYBODY, ...server }: RouterConfig["servers"][number]): object {
  return { trust, ...server };
}
