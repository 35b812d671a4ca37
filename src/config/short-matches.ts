/** Routes of the short form as a list: each says which requests it is for, and the first that matches is taken. */
import type { HttpProtocol } from "./client-schema.ts";
import type { At } from "./field.ts";
import type { RequestMatch } from "./request-match.ts";
import { type EntryReader, has } from "./short-entry.ts";
import { refuseSettings, type Route, type RouteLead, type Routes } from "./short-route.ts";
import { type ListedRoute, listedRouteSchema } from "./short-schema.ts";
import { clusterSettings } from "./short-settings.ts";
import { elementOf, hasCallersName, targetsOf } from "./targets.ts";

/** `undefined` after a problem. A route that no request comes to is found by the identifier's own schema. */
export function readListedRoutes(written: readonly unknown[], reader: EntryReader): Routes | undefined {
  const list = new ListReader(reader);
  const read = written.map((entry, index) => list.read(entry, ["routes", index]));
  if (!read.every((each) => each !== undefined)) return undefined;
  const identifier = { kind: "linkspan.match", routes: read.map(({ rule }) => rule) };
  return { routes: read.map(({ route }) => route), identifier };
}

/** A name for a route that has none: what it matches, in the letters of a host. */
export function nameOfMatch({ host = "", path = "", method = [], headers = {} }: RequestMatch): string {
  const parts = [host, path, ...[method].flat(), ...Object.entries(headers).flat()];
  const words = parts.map((part) =>
    part
      .replaceAll(/[^A-Za-z0-9._]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .toLowerCase(),
  );
  return words.filter((word) => word !== "").join("-") || "rest";
}

class ListReader {
  readonly #reader: EntryReader;
  /** By name: the place of its route, counted from 1. */
  readonly #names = new Map<string, number>();
  constructor(reader: EntryReader) {
    this.#reader = reader;
  }

  read(entry: unknown, at: At): { readonly route: Route; readonly rule: object } | undefined {
    if (!has(entry, "to")) return this.#refuse(at, "this is no route", "`{match: {...}, to: SOURCE/SERVICE}`");
    const parsed = this.#reader.parse(listedRouteSchema, entry, at, true);
    if (parsed === undefined) return this.#reader.checkTargets(entry, undefined, at);
    const { name = nameOfMatch(parsed.match), match, to, ...settings } = parsed;
    if (!this.#claim(name, parsed, at)) return undefined;
    const addHost = match.host === undefined && targetsOf(to).some(hasCallersName);
    if (addHost) {
      const kept = clusterSettings.filter((key) => key in settings);
      refuseSettings(kept, "hosts by their own names", at, this.#reader.problems);
    }
    const prefix = `/svc/${elementOf(name)}`;
    const lead = (protocol: HttpProtocol): RouteLead | undefined => {
      const own = this.#reader.lead(to, match.host, protocol, [...at, "to"]);
      return own && { ...own, dentry: `${prefix} => ${own.alternatives.join(" | ")}` };
    };
    const [http, h2] = [lead("http"), lead("h2")];
    if (http === undefined || h2 === undefined) return undefined;
    const rule = { route: name, ...match, ...(addHost ? { addHost } : {}) };
    const shadows = this.#reader.shadows(settings.shadow?.to, match.host, at);
    return { route: { at, name: prefix, leads: { http, h2 }, settings, shadows }, rule };
  }

  #claim(name: string, { name: said }: ListedRoute, at: At): boolean {
    const number = Number(at.at(-1)) + 1;
    const other = this.#names.get(name);
    this.#names.set(name, number);
    const place = said === undefined ? at : [...at, "name"];
    if (/[\s/]/.test(name))
      this.#refuse(place, `\`${name}\` is no name of a route`, "one without slashes or white space");
    else if (other === undefined) return true;
    else this.#refuse(place, `route ${other} has the name \`${name}\` too`, "a `name` of its own");
    return false;
  }

  #refuse(at: At, message: string, expected: string): undefined {
    this.#reader.problems.add({ at, message, expected });
  }
}
