/** One Service that is announced, as the contract of announcers has it. */
import {
  type Announcement,
  type EntryChange,
  type EntryOutcome,
  type Instance,
  type PlannedWrite,
  type PluginContext,
  type Standing,
  type Var,
  within,
} from "linkspan/plugin";
import { AnnouncedTarget, type AnnouncedTargetOptions, type Wanted } from "./announced-target.ts";
import type { WriteTerms } from "./api-writer.ts";
import type { LeaseCandidate } from "./lease-candidate.ts";
import type { LeaseEnds } from "./lease-ends.ts";
import { leaseVar } from "./lease-vars.ts";
import { findPlace, type PlacedInstance, placeAt, type Unplaceable } from "./placed-instance.ts";
import { idInKey } from "./target-view.ts";
import { Turns } from "./turns.ts";

/** Thousands may end at once, and wait for each other. */
const END_MS = 60_000;

export interface AnnouncementOptions extends AnnouncedTargetOptions {
  readonly candidate: LeaseCandidate;
  readonly leaseEnds: LeaseEnds;
  readonly context: Pick<PluginContext, "clock" | "log" | "resolve">;
  /** It needs its lease no more. */
  left(announcement: ServiceAnnouncement): Promise<void>;
}

export class ServiceAnnouncement implements Announcement {
  readonly lease: Var<number>;
  readonly #options: AnnouncementOptions;
  readonly #target: AnnouncedTarget;
  readonly #turns = new Turns(1);
  readonly #end = new AbortController();
  /** What was put and not removed since, which is kept true. */
  readonly #put = new Map<string, Instance>();
  #hasWritten = false;

  constructor(options: AnnouncementOptions) {
    this.#options = options;
    this.#target = new AnnouncedTarget(options);
    this.lease = leaseVar(options.candidate, options.context.clock);
  }

  standing(signal: AbortSignal): Promise<Standing> {
    const stop = this.#with(signal);
    return this.#turns.pass(async () => {
      const standing = (await this.#target.look(stop)).standing();
      const orphaned = await this.#orphaned(standing, stop);
      return orphaned.size === 0 ? standing : { ...standing, orphaned };
    }, stop);
  }

  /** Names of hosts stand for their addresses. */
  plan(changes: readonly EntryChange[]): readonly PlannedWrite[] {
    const { wish, owner } = this.#options;
    const places = changes.map((each) =>
      each.op === "put" ? placeAt(each.instance, wish.ports, each.instance.host) : undefined,
    );
    return this.#target.plan(wantedOf(changes, places, owner.group));
  }

  /** Never rejects. */
  async write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    const stop = this.#with(signal);
    try {
      return await this.#turns.pass(() => this.#write(changes, stop), stop);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return changes.map(() => ({ tag: "failed", cause }));
    }
  }

  /** Makes true again what somebody else undid, and what names of hosts do not mean any more. */
  async keep(signal: AbortSignal): Promise<void> {
    const stop = this.#with(signal);
    await this.#turns.pass(async () => {
      if (this.#put.size === 0 || !this.#options.candidate.leads) return;
      this.#target.forget();
      const changes = [...this.#put.values()].map((instance) => ({ op: "put", instance }) as const);
      const lost = (await this.#write(changes, stop)).find(({ tag }) => tag !== "done");
      if (!lost || lost.tag === "done") return;
      const { namespace, service } = this.#options.wish;
      const fields = { service: `${namespace}/${service}`, error: lost.cause };
      this.#options.context.log.warn("kubernetes.unannounced", fields);
    }, stop);
  }

  async abandon(): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#end.abort(new Error("the announcement was abandoned"));
    await this.#options.left(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end.signal.aborted) return;
    const { clock } = this.#options.context;
    const late = `what was announced could not be removed within ${END_MS} ms`;
    const { signal } = new AbortController();
    try {
      await within({ clock, ms: END_MS, late, signal }, (stop) => this.#turns.pass(() => this.#removeAll(stop), stop));
    } finally {
      this.#end.abort(new Error("the announcement is closed"));
      await this.#options.left(this);
    }
  }

  /** Of the other groups, and of the own one while another member has its lease. */
  #orphaned({ entries }: Standing, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const { leaseEnds, owner, candidate } = this.#options;
    const groups = new Set(entries.flatMap(({ group, mine }) => (group === undefined || mine ? [] : [group])));
    if (candidate.leads) groups.delete(owner.group);
    return leaseEnds.of(groups, signal);
  }

  /** Nothing where another member leads by now, whose it is. */
  async #removeAll(signal: AbortSignal): Promise<void> {
    if (!this.#hasWritten || !this.#options.candidate.leads) return;
    const wanted: Wanted = new Map([...this.#put.keys()].map((id) => [id, undefined]));
    const [failure] = (await this.#target.bringAbout(wanted, this.#terms(signal))).values();
    if (failure) throw new Error(failure.cause);
    await this.#target.removeService(this.#terms(signal));
  }

  async #write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    const { owner, candidate, wish, context } = this.#options;
    await candidate.enter(signal);
    const places = await Promise.all(
      changes.map((each) =>
        each.op === "put" ? findPlace(each.instance, wish.ports, context.resolve, signal) : undefined,
      ),
    );
    const wanted = wantedOf(changes, places, owner.group);
    this.#hasWritten = true;
    const failures = await this.#target.bringAbout(wanted, this.#terms(signal));
    return changes.map((change, at) => {
      const place = places[at];
      if (place && "tag" in place) return place;
      const id = idOf(change, owner.group);
      if (id === undefined) return { tag: "refused", cause: `it is no entry of ${owner.group}` };
      return failures.get(id) ?? this.#done(id, change);
    });
  }

  #done(id: string, change: EntryChange): EntryOutcome {
    if (change.op === "put") this.#put.set(id, change.instance);
    else this.#put.delete(id);
    return { tag: "done" };
  }

  #terms(signal: AbortSignal): WriteTerms {
    return { signal, check: () => this.#options.candidate.check() };
  }

  #with(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#end.signal]);
  }
}

/** Of several changes of one instance the last counts. */
function wantedOf(
  changes: readonly EntryChange[],
  places: readonly (PlacedInstance | Unplaceable | undefined)[],
  group: string,
): Wanted {
  const wanted = new Map<string, PlacedInstance | undefined>();
  changes.forEach((change, at) => {
    const id = idOf(change, group);
    const place = places[at];
    if (id === undefined || (place && "tag" in place)) return;
    wanted.set(id, place);
  });
  return wanted;
}

const idOf = (change: EntryChange, group: string): string | undefined =>
  change.op === "put" ? change.instance.id : idInKey(change.key, group);
