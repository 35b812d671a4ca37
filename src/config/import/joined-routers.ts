/** Joins what the short form says of a router for HTTP/1 with what it says of one for HTTP/2. */
import { isDeepStrictEqual } from "node:util";
import { type Keys, Unsayable } from "./say-router.ts";

/** What is one for both may not differ. Throws Unsayable. */
export function joined(one: Keys, other: Keys): Keys {
  const { listen: first, ...keys } = one;
  const { listen: second, ...others } = other;
  for (const key of new Set([...Object.keys(keys), ...Object.keys(others)])) {
    if (isDeepStrictEqual(keys[key], others[key])) continue;
    throw new Unsayable(key, "it is one for HTTP/1 and HTTP/2, and they differ in it");
  }
  return { listen: { ...sharedListen(asMapping(first), asMapping(second)) }, ...keys };
}

function sharedListen(first: Keys, second: Keys): Keys {
  const { http, h2, labels, ...rest } = { ...first, ...second };
  for (const key of Object.keys(rest)) {
    if (isDeepStrictEqual(first[key], second[key])) continue;
    throw new Unsayable("servers", `\`${key}\` is one for HTTP/1 and HTTP/2, and they differ in it`);
  }
  const all = { ...(first["labels"] as Keys | undefined), ...(labels as Keys | undefined) };
  return { http, h2, ...rest, ...(Object.keys(all).length === 0 ? {} : { labels: all }) };
}

function asMapping(listen: unknown): Keys {
  return typeof listen === "number" ? { http: listen } : (listen as Keys);
}
