/** Which names of registries were used, by which routes, from where, how much and when last; day by day, within bounds. */

import type { RouteCaller } from "../base/bound-routes.ts";

/** What was seen of one bound name since the last look. */
export interface UsageSeen {
  /** As an interpreter gives it, such as `/#/io.l5d.curator/users`. */
  readonly id: string;
  /** The routes that are bound to it. */
  readonly callers: readonly UsageCaller[];
  /** New ones. */
  readonly requests: number;
  /** Where these routes were called from. */
  readonly hosts?: readonly RouteCaller[];
  /** Connections from elsewhere, that had no room. */
  readonly left?: number;
}

/** A logical name of a router. */
export interface UsageCaller {
  readonly router: string;
  readonly name: string;
}

export interface UsedName {
  readonly id: string;
  /** When it was last bound to a route, and when it last had requests; epoch ms. */
  readonly boundAt: number;
  readonly requestAt?: number;
  /** In the days that were asked about. */
  readonly requests: number;
  readonly callers: readonly (UsageCaller & { readonly at: number })[];
  /** Callers that had no room. */
  readonly others: number;
  /** Where routes that lead to it were called from, the last one first. */
  readonly hosts: readonly UsageHost[];
  /** So often others called, that had no room. */
  readonly otherHosts: number;
}

export interface UsageHost extends RouteCaller {
  readonly at: number;
}

/**
 * Its lists are short, and there are tens of thousands of rows: a list takes less room than a table, and one that grows
 * by `concat` has no room that nobody asked for.
 */
interface Row {
  boundAt: number;
  requestAt: number | undefined;
  /** Requests by day since the epoch. */
  days: [day: number, requests: number][];
  callers: (UsageCaller & { at: number })[];
  others: number;
  /** Who called longest ago first. */
  hosts: UsageHost[];
  otherHosts: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 92;
const MOST_NAMES = 50_000;
const MOST_CALLERS = 50;
const MOST_HOSTS = 50;

export class UsageBook {
  /** The name that was bound longest ago first. */
  readonly #rows = new Map<string, Row>();
  #countedSince: number;
  #changes = 0;
  readonly #life: string | undefined;
  /** By router and id, what had been counted by whoever counts on, when the lines were written. */
  readonly #counted = new Map<string, number>();

  /** `now`: epoch ms. Continues what `lines` say; lines that cannot be read are left out. `life` is of the process that counts. */
  constructor(now: number, lines: readonly string[] = [], life?: string) {
    this.#countedSince = now;
    this.#life = life;
    let of: string | undefined;
    for (const line of lines) of = this.#read(line, of) ?? of;
  }

  /** How many of a router's requests to a bound name are in the book already, as an earlier thread of this process wrote it; once. */
  takeCounted(router: string, id: string): number | undefined {
    const key = countedKey(router, id);
    const counted = this.#counted.get(key);
    this.#counted.delete(key);
    return counted;
  }

  /** Before then nothing was counted; epoch ms. */
  get countedSince(): number {
    return this.#countedSince;
  }

  /** Grows with what is noted, but for names that are bound as they were. */
  get changes(): number {
    return this.#changes;
  }

  note({ id, callers, requests, hosts = [], left = 0 }: UsageSeen, now: number): void {
    const known = this.#rows.get(id);
    const row = known ?? newRow(now);
    if (known === undefined || requests > 0 || hosts.length > 0) this.#changes++;
    this.#rows.delete(id);
    this.#rows.set(id, row);
    row.boundAt = now;
    for (const caller of callers) noteCaller(row, caller, now);
    for (const host of hosts) noteHost(row, host, now);
    row.otherHosts += left;
    if (requests > 0) noteRequests(row, requests, now);
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= MOST_NAMES) break;
      this.#rows.delete(oldest);
    }
  }

  /** What was bound since then of names whose id `isMeant`; the last used first. */
  used(isMeant: (id: string) => boolean, since: number): readonly UsedName[] {
    const firstDay = Math.floor(since / DAY_MS);
    const names: UsedName[] = [];
    for (const [id, row] of this.#rows) {
      if (row.boundAt < since || !isMeant(id)) continue;
      const { boundAt, requestAt, days, callers, others, otherHosts } = row;
      let requests = 0;
      for (const [day, count] of days) if (day >= firstDay) requests += count;
      const recent = callers.filter(({ at }) => at >= since).sort((a, b) => b.at - a.at);
      const hosts = row.hosts.filter(({ at }) => at >= since).reverse();
      const last = requestAt === undefined ? {} : { requestAt };
      names.push({ id, boundAt, ...last, requests, callers: recent, others, hosts, otherHosts });
    }
    return names.sort((a, b) => (b.requestAt ?? 0) - (a.requestAt ?? 0) || b.boundAt - a.boundAt);
  }

  /** One a name, after one for the book, each with its end. `noted` says how much of what is counted still is in the book. */
  *lines(noted: (router: string, id: string) => number | undefined = () => undefined): Generator<string> {
    yield `${JSON.stringify({ countedSince: this.#countedSince, life: this.#life })}\n`;
    for (const [id, row] of this.#rows) {
      const counted: [string, number][] = [];
      for (const router of this.#life === undefined ? [] : new Set(row.callers.map((each) => each.router))) {
        const count = noted(router, id) ?? 0;
        if (count > 0) counted.push([router, count]);
      }
      yield `${JSON.stringify({ id, ...row, ...(counted.length === 0 ? {} : { counted }) })}\n`;
    }
  }

  /** Returns whose counts are in the lines after it, where it says so. */
  #read(line: string, life: string | undefined): string | undefined {
    try {
      const { countedSince, life: next, id, boundAt, counted = [], ...row } = JSON.parse(line) as Line;
      if (countedSince !== undefined) this.#countedSince = Math.min(this.#countedSince, countedSince);
      if (id === undefined || boundAt === undefined) return next;
      this.#rows.set(id, { ...newRow(boundAt), ...row });
      if (life === undefined || life !== this.#life) return undefined;
      for (const [router, count] of counted) this.#counted.set(countedKey(router, id), count);
    } catch {
      // One line that is broken takes no other with it.
    }
    return undefined;
  }
}

const countedKey = (router: string, id: string): string => JSON.stringify([router, id]);

interface Line extends Partial<Row> {
  readonly countedSince?: number;
  readonly life?: string;
  readonly id?: string;
  readonly counted?: readonly (readonly [router: string, count: number])[];
}

function newRow(boundAt: number): Row {
  return { boundAt, requestAt: undefined, days: [], callers: [], others: 0, hosts: [], otherHosts: 0 };
}

function noteRequests(row: Row, requests: number, now: number): void {
  const today = Math.floor(now / DAY_MS);
  row.requestAt = now;
  const last = row.days.at(-1);
  if (last?.[0] === today) last[1] += requests;
  else row.days = row.days.filter(([day]) => day > today - KEPT_DAYS).concat([[today, requests]]);
}

function noteCaller(row: Row, { router, name }: UsageCaller, at: number): void {
  const known = row.callers.find((each) => each.name === name && each.router === router);
  if (known) known.at = at;
  else if (row.callers.length < MOST_CALLERS) row.callers = row.callers.concat({ router, name, at });
  else row.others++;
}

/** Who called longest ago makes room: it is asked who calls still. */
function noteHost(row: Row, host: RouteCaller, at: number): void {
  const others = row.hosts.filter((each) => each.address !== host.address || each.certificate !== host.certificate);
  const recent = others.filter((each) => each.at > at - KEPT_DAYS * DAY_MS);
  row.hosts = recent.slice(-(MOST_HOSTS - 1)).concat({ ...host, at });
  row.otherHosts += Math.max(0, recent.length + 1 - MOST_HOSTS);
}
