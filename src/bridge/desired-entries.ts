/** Which entries of one target should stand: the source's instances, where callers reach them, as many as are published. */
import type { Instance, Origin } from "../base/instance.ts";
import type { StandingEntry } from "../naming/announcer.ts";
import type { Path } from "../naming/path.ts";
import type { LeftOut } from "./mirror-plan.ts";
import type { AddressPolicy } from "./mirror-parts.ts";
import type { MirrorRules } from "./mirror-rules.ts";
import { payloadPlan } from "./payload-maker.ts";
import type { Reach } from "./probed-addresses.ts";
import { publishedOf } from "./published-share.ts";

export interface Desired {
  /** By the instance's id. */
  readonly entries: ReadonlyMap<string, Instance>;
  /** Those that the source says are not ready. */
  readonly unready: ReadonlySet<string>;
  readonly leftOut: readonly LeftOut[];
  /** Those that the probe did not reach, and that are published all the same. */
  readonly forced: readonly LeftOut[];
  /** Why nothing may be put there. */
  readonly refusal?: string;
  /** When one that waits may be published. */
  readonly nextInMs?: number;
  /** How many wait for the probe's answer. */
  readonly asked: number;
}

export interface DesiredParts {
  readonly group: string;
  /** What entries say of where they are at home. */
  readonly origin: Origin;
  readonly rules: Pick<MirrorRules, "publish" | "payload" | "force">;
  readonly address?: AddressPolicy;
  readonly name: Path;
  readonly target: Path;
  readonly instances: Iterable<Instance>;
  /** All that stands at the target. */
  readonly standing: readonly StandingEntry[];
  readonly waitOf: (id: string) => number;
  /** Whether the source took it away itself. */
  readonly wasDeleted: (id: string) => boolean;
  readonly reach: (host: string, port: number) => Reach;
}

export const NOTHING_DESIRED: Desired = { entries: new Map(), unready: new Set(), leftOut: [], forced: [], asked: 0 };

export function desiredEntries(parts: DesiredParts): Desired {
  const { standing, group, rules, target } = parts;
  const own = standing.filter((entry) => entry.group === group);
  const sorted = new SortedOut(parts, own);
  const natives = standing.filter(isNative).map(({ instance }) => instance);
  const payload = payloadPlan(
    rules.payload,
    target.elems.at(-1) ?? "",
    natives.filter(({ ready }) => ready),
    own.map(({ instance }) => instance),
  );
  const { unready, leftOut } = sorted;
  if ("refusal" in payload) return { ...NOTHING_DESIRED, unready, leftOut, refusal: payload.refusal };
  const chosen = sorted.choose();
  const entries = new Map<string, Instance>();
  for (const instance of chosen) {
    const { payload: _source, ...rest } = instance;
    const made = payload.payloadOf(instance);
    entries.set(instance.id, { ...rest, origin: parts.origin, ...(made === undefined ? {} : { payload: made }) });
  }
  const { asked, forced, nextInMs } = sorted;
  return { entries, unready, leftOut, forced, asked, ...(nextInMs === Infinity ? {} : { nextInMs }) };
}

/** What the target's own users put there, and what is at home there. */
const isNative = ({ group, instance }: StandingEntry): boolean => group === undefined && instance.origin === undefined;

const addressOf = ({ host, port, tlsPort }: Instance): string => `${host} ${port ?? ""} ${tlsPort ?? ""}`;

/** The instances of one name, and why some of them are left out. */
class SortedOut {
  readonly leftOut: LeftOut[] = [];
  readonly forced: LeftOut[] = [];
  readonly unready = new Set<string>();
  nextInMs = Infinity;
  asked = 0;
  readonly #parts: DesiredParts;
  readonly #own: ReadonlyMap<string, StandingEntry>;
  readonly #candidates = new Map<string, Instance>();
  /** Neither a candidate nor withdrawn by a sign: it counts as published as long as it stands. */
  readonly #absent: readonly string[];

  constructor(parts: DesiredParts, own: readonly StandingEntry[]) {
    this.#parts = parts;
    this.#own = new Map(own.map((entry) => [entry.instance.id, entry]));
    const said = new Set<string>();
    const home: Instance[] = [];
    for (const instance of parts.instances) {
      said.add(instance.id);
      if (instance.origin === undefined) home.push(instance);
      else this.leftOut.push({ id: instance.id, why: "foreign" });
    }
    const placed = parts.address?.(home, parts.name) ?? { instances: home, unplaced: [] };
    for (const { id, cause } of placed.unplaced) this.leftOut.push({ id, why: "unplaced", cause });
    const rivals = this.#rivals();
    for (const instance of placed.instances) {
      said.add(instance.id);
      this.#sort(instance, rivals.get(addressOf(instance)));
    }
    this.#absent = [...this.#own.keys()].filter((id) => !said.has(id) && !parts.wasDeleted(id));
  }

  /** Those that are to be published now. */
  choose(): readonly Instance[] {
    const chosen = publishedOf([...this.#candidates.keys(), ...this.#absent], this.#parts.rules.publish);
    const published: Instance[] = [];
    for (const [id, instance] of this.#candidates) {
      if (!chosen.has(id)) this.leftOut.push({ id, why: "unchosen" });
      else if (this.#isReached(instance)) published.push(instance);
    }
    return published;
  }

  #sort(instance: Instance, rival: StandingEntry | undefined): void {
    const { id } = instance;
    if (!instance.ready) {
      this.unready.add(id);
      this.leftOut.push({ id, why: "unready" });
    } else if (rival && isNative(rival)) this.leftOut.push({ id, why: "dual", cause: rival.key });
    else if (rival) this.leftOut.push({ id, why: "conflict", cause: `${rival.group ?? "someone"} has ${rival.key}` });
    else if (this.#own.has(id) || this.#isSettled(id)) this.#candidates.set(id, instance);
  }

  /** Entries of others by address, to whom this mirror gives way: it who came first stays, of two who both stand the lesser. */
  #rivals(): ReadonlyMap<string, StandingEntry> {
    const { standing, group } = this.#parts;
    const mine = new Set(Array.from(this.#own.values(), ({ instance }) => addressOf(instance)));
    const rivals = new Map<string, StandingEntry>();
    for (const entry of standing) {
      if (entry.group === group) continue;
      const address = addressOf(entry.instance);
      const yields = isNative(entry) || !mine.has(address) || (entry.group ?? "") < group;
      if (yields && !(rivals.has(address) && !isNative(entry))) rivals.set(address, entry);
    }
    return rivals;
  }

  #isSettled(id: string): boolean {
    const waitMs = this.#parts.waitOf(id);
    if (waitMs <= 0) return true;
    this.nextInMs = Math.min(this.nextInMs, waitMs);
    this.leftOut.push({ id, why: "unsettled" });
    return false;
  }

  /** What stands already was reached once, or was ordered: of that it is told as long as it is so. */
  #isReached(instance: Instance): boolean {
    const { force } = this.#parts.rules;
    const { id, host, port, tlsPort } = instance;
    const known = this.#own.get(id);
    const stands = known !== undefined && addressOf(known.instance) === addressOf(instance);
    const dialled = port ?? tlsPort;
    if (dialled === undefined || (stands && !force)) return true;
    const reach = this.#parts.reach(host, dialled);
    if (reach.tag === "asked" && !stands) this.asked++;
    if (reach.tag !== "unreachable") return stands || reach.tag === "reached";
    (force ? this.forced : this.leftOut).push({ id, why: "unreachable", cause: reach.cause });
    return force;
  }
}
