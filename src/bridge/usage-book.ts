/** Which names of registries were used, by which routes, from where, how much and when last; day by day, within bounds. */

import { callerKey, type RouteCaller } from "../base/bound-routes.ts";

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

interface Row {
  boundAt: number;
  requestAt: number | undefined;
  /** Requests by day since the epoch. */
  readonly days: Map<number, number>;
  readonly callers: Map<string, UsageCaller & { at: number }>;
  others: number;
  /** Who called longest ago first. */
  readonly hosts: Map<string, UsageHost>;
  otherHosts: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 92;
const MOST_NAMES = 10_000;
const MOST_CALLERS = 50;
const MOST_HOSTS = 50;

export class UsageBook {
  /** The name that was bound longest ago first. */
  readonly #rows = new Map<string, Row>();
  #countedSince: number;

  /** `now`: epoch ms. Continues what `lines` say; lines that cannot be read are left out. */
  constructor(now: number, lines: readonly string[] = []) {
    this.#countedSince = now;
    for (const line of lines) this.#read(line);
  }

  /** Before then nothing was counted; epoch ms. */
  get countedSince(): number {
    return this.#countedSince;
  }

  note({ id, callers, requests, hosts = [], left = 0 }: UsageSeen, now: number): void {
    const row = this.#rows.get(id) ?? {
      boundAt: now,
      requestAt: undefined,
      days: new Map(),
      callers: new Map(),
      others: 0,
      hosts: new Map(),
      otherHosts: 0,
    };
    this.#rows.delete(id);
    this.#rows.set(id, row);
    row.boundAt = now;
    for (const caller of callers) noteCaller(row, caller, now);
    for (const host of hosts) noteHost(row, host, now);
    row.otherHosts += left;
    if (requests > 0) {
      const today = Math.floor(now / DAY_MS);
      row.requestAt = now;
      row.days.set(today, (row.days.get(today) ?? 0) + requests);
      for (const day of row.days.keys()) if (day <= today - KEPT_DAYS) row.days.delete(day);
    }
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
      const recent = [...callers.values()].filter(({ at }) => at >= since).sort((a, b) => b.at - a.at);
      const hosts = [...row.hosts.values()].filter(({ at }) => at >= since).reverse();
      const last = requestAt === undefined ? {} : { requestAt };
      names.push({ id, boundAt, ...last, requests, callers: recent, others, hosts, otherHosts });
    }
    return names.sort((a, b) => (b.requestAt ?? 0) - (a.requestAt ?? 0) || b.boundAt - a.boundAt);
  }

  /** One a name, after one for the book, each with its end. */
  *lines(): Generator<string> {
    yield `${JSON.stringify({ countedSince: this.#countedSince })}\n`;
    for (const [id, { days, callers, hosts, ...row }] of this.#rows) {
      const lists = { days: [...days], callers: [...callers.values()], hosts: [...hosts.values()] };
      yield `${JSON.stringify({ id, ...row, ...lists })}\n`;
    }
  }

  #read(line: string): void {
    try {
      const { countedSince, id, boundAt, requestAt, days, callers, ...more } = JSON.parse(line) as Line;
      if (countedSince !== undefined) this.#countedSince = Math.min(this.#countedSince, countedSince);
      if (id === undefined || boundAt === undefined) return;
      const byKey = new Map((callers ?? []).map((each) => [keyOf(each), each]));
      const hosts = new Map((more.hosts ?? []).map((each) => [callerKey(each), each]));
      const { others = 0, otherHosts = 0 } = more;
      this.#rows.set(id, { boundAt, requestAt, days: new Map(days), callers: byKey, others, hosts, otherHosts });
    } catch {
      // One line that is broken takes no other with it.
    }
  }
}

interface Line {
  readonly countedSince?: number;
  readonly id?: string;
  readonly boundAt?: number;
  readonly requestAt?: number;
  readonly days?: readonly (readonly [number, number])[];
  readonly callers?: readonly (UsageCaller & { at: number })[];
  readonly others?: number;
  readonly hosts?: readonly UsageHost[];
  readonly otherHosts?: number;
}

const keyOf = ({ router, name }: UsageCaller): string => `${router} ${name}`;

function noteCaller(row: Row, { router, name }: UsageCaller, at: number): void {
  const key = keyOf({ router, name });
  const known = row.callers.get(key);
  if (known) known.at = at;
  else if (row.callers.size < MOST_CALLERS) row.callers.set(key, { router, name, at });
  else row.others++;
}

/** Who called longest ago makes room: it is asked who calls still. */
function noteHost(row: Row, host: RouteCaller, at: number): void {
  const { hosts } = row;
  const key = callerKey(host);
  hosts.delete(key);
  hosts.set(key, { ...host, at });
  for (const [oldest, { at: last }] of hosts) {
    const isOld = last <= at - KEPT_DAYS * DAY_MS;
    if (hosts.size <= MOST_HOSTS && !isOld) break;
    hosts.delete(oldest);
    if (!isOld) row.otherHosts++;
  }
}
