/** What was read of a target, as announcements see it. */
import type { Instance, Owner, Standing, StandingEntry } from "linkspan/plugin";
import { judgeService, type PortRule, type ServiceVerdict, type ServiceWish } from "./announced-service.ts";
import { type AnnouncedSlice, readSlice, type SliceEntry } from "./announced-slice.ts";
import { type ApiObject, fieldsOf, listOf, portOf, textOf } from "./json-fields.ts";
import { shortHash } from "./slice-marks.ts";
import { nameOf, type TargetObjects } from "./target-reader.ts";

/** For names of slices: that of another group stands for another text, for all that matters. */
const GROUP_CHARS = 8;

export class TargetView {
  verdict: ServiceVerdict;
  readonly #slices = new Map<string, AnnouncedSlice>();
  readonly #others: readonly StandingEntry[];
  readonly #wish: ServiceWish;
  readonly #owner: Owner;
  /** Of all slices, whoever wrote them. */
  readonly #names: Set<string>;

  /** Throws an Error that says what cannot be read. */
  constructor({ service, slices }: TargetObjects, wish: ServiceWish, owner: Owner) {
    this.#wish = wish;
    this.#owner = owner;
    this.verdict = judgeService(service, wish);
    this.#names = new Set(slices.flatMap((each) => nameOf(each) ?? []));
    const others: StandingEntry[] = [];
    for (const object of slices) {
      const slice = readSlice(object);
      if (slice?.group === owner.group) this.#slices.set(slice.name, slice);
      else others.push(...(slice ? this.#entriesOf(slice) : strangers(object)));
    }
    this.#others = others;
  }

  /** Of the own group, by their names. */
  get slices(): ReadonlyMap<string, AnnouncedSlice> {
    return this.#slices;
  }

  written(slice: AnnouncedSlice): void {
    this.#slices.set(slice.name, slice);
  }

  deleted(name: string): void {
    this.#slices.delete(name);
    this.#names.delete(name);
  }

  standing(): Standing {
    const entries = [...[...this.slices.values()].flatMap((each) => this.#entriesOf(each)), ...this.#others];
    const byKey = new Map(entries.map((each) => [each.key, each]));
    const { verdict } = this;
    return { entries: [...byKey.values()], ...(verdict.tag === "refused" ? { refusal: verdict.reason } : {}) };
  }

  /**
   * Names that are free, each once. They are the same whenever it is asked of the same: a creation whose answer was lost
   * is not made twice.
   */
  newNames(): () => string {
    const stem = `${this.#wish.service}-linkspan-${shortHash(this.#owner.group).slice(0, GROUP_CHARS)}`;
    let at = 0;
    return () => {
      let name: string;
      do name = `${stem}-${++at}`;
      while (this.#names.has(name) || this.slices.has(name));
      return name;
    };
  }

  /** Whether nobody has an endpoint there. */
  get isEmpty(): boolean {
    return this.#others.length === 0 && [...this.slices.values()].every(({ entries }) => entries.length === 0);
  }

  #entriesOf(slice: AnnouncedSlice): readonly StandingEntry[] {
    const { group, member, entries } = slice;
    const mine = group === this.#owner.group && member === this.#owner.member;
    return entries.map((each) => {
      const instance = instanceOf(each, slice, this.#wish.ports);
      return { key: entryKey(group, each.id), instance, group, mine };
    });
  }
}

/** The same wherever it stands, since instances move between slices. */
export const entryKey = (group: string, id: string): string => `${encodeURIComponent(group)}:${id}`;

/** The id in a key of the group; `undefined` for others. */
export function idInKey(key: string, group: string): string | undefined {
  const prefix = entryKey(group, "");
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}

function instanceOf(entry: SliceEntry, { shape }: AnnouncedSlice, rules: readonly PortRule[]): Instance {
  const { id, address, host, ready, zone } = entry;
  const portFrom = (from: PortRule["from"]): number | undefined => {
    const rule = rules.find((each) => each.from === from && shape.ports.some(({ name }) => name === each.name));
    return shape.ports.find(({ name }) => name === rule?.name)?.port;
  };
  const port = portFrom("port");
  const tlsPort = portFrom("tlsPort");
  return {
    id,
    host: host ?? address,
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
    weight: 1,
    ready,
    ...(shape.origin ? { origin: shape.origin } : {}),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Of a slice that no announcer wrote. */
function strangers(object: ApiObject): readonly StandingEntry[] {
  const first = fieldsOf(listOf(object["ports"], "ports")[0]);
  const port = portOf(first["port"], "port");
  return listOf(object["endpoints"], "endpoints").flatMap((value) => {
    const { addresses, conditions } = fieldsOf(value);
    const host = textOf(listOf(addresses, "addresses")[0]);
    if (host === undefined) return [];
    const ready = fieldsOf(conditions)["ready"] !== false;
    const at = port === undefined ? {} : { port };
    const instance = { id: `${host}:${port ?? ""}`, host, ...at, weight: 1, ready };
    return [{ key: `${nameOf(object) ?? ""}/${host}`, instance, mine: false }];
  });
}
