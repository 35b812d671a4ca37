/** One clause of the announcer contract, and the words that all of them are written in. */
import assert from "node:assert/strict";
import type { Announcement, EntryChange, Instance, Owner, Path, Standing } from "linkspan/plugin";
import type { AnnouncerAbility, AnnouncerFixture, SeenEntry } from "./announcer-fixture.ts";
import type { CountingClock } from "./counting-clock.ts";
import { eventually } from "./eventually.ts";

/** A fixture all of whose verbs can be called: those that a clause `needs` are there. */
export type AnnouncerContractFixture = Required<Omit<AnnouncerFixture, "path" | typeof Symbol.asyncDispose>>;

export interface AnnouncerSurroundings {
  readonly clock: CountingClock;
  path(service: string): Path;
}

export interface AnnouncerCase {
  readonly name: string;
  readonly needs?: readonly AnnouncerAbility[];
  run(fixture: AnnouncerContractFixture, surroundings: AnnouncerSurroundings): Promise<void>;
}

/** How long an outage or the end of a lease may take to be noticed, and to be over. */
export const LEASE_MS = 30_000;
const CALL_MS = 15_000;

/** Two members of one group, and one of another. */
export const ANNA: Owner = { group: "users-mirror", member: "anna" };
export const BERTA: Owner = { group: "users-mirror", member: "berta" };
export const OTHER: Owner = { group: "other-mirror", member: "carl" };

/** The n-th instance that the clauses use, at home in another registry. */
export const announced = (n: number, port = 8080): Instance => ({
  id: `i-${n}`,
  host: `10.9.${n >> 8}.${n & 255}`,
  port,
  weight: 1,
  ready: true,
  origin: { registry: "io.l5d.elsewhere", cluster: "east" },
});

export const put = (instance: Instance): EntryChange => ({ op: "put", instance });
export const puts = (...ns: readonly number[]): readonly EntryChange[] => ns.map((n) => put(announced(n)));
export const remove = (key: string): EntryChange => ({ op: "remove", key });

export const within = (ms = CALL_MS): AbortSignal => AbortSignal.timeout(ms);

export const standing = (announcement: Announcement): Promise<Standing> => announcement.standing(within());

/** Reads what stands, then writes, as who announces does. */
export async function write(announcement: Announcement, changes: readonly EntryChange[]): Promise<readonly string[]> {
  await standing(announcement);
  const outcomes = await announcement.write(changes, within());
  assert.equal(outcomes.length, changes.length, "one outcome for each change");
  return outcomes.map(({ tag }) => tag);
}

export async function writeAll(announcement: Announcement, changes: readonly EntryChange[]): Promise<void> {
  await standing(announcement);
  const outcomes = await announcement.write(changes, within());
  assert.equal(outcomes.length, changes.length, "one outcome for each change");
  for (const outcome of outcomes) assert.deepEqual(outcome, { tag: "done" });
}

/** Keys of the own group's entries, by the id of the instance; `mine` or another member's. */
export function keysOf({ entries }: Standing, { group }: Owner, mine?: boolean): ReadonlyMap<string, string> {
  const own = entries.filter((each) => each.group === group && (mine === undefined || each.mine === mine));
  return new Map(own.map((each) => [each.instance.id, each.key]));
}

export function keyOf(id: string, keys: ReadonlyMap<string, string>): string {
  const key = keys.get(id);
  assert.ok(key !== undefined, `there is an entry of ${id}`);
  return key;
}

export const shown = (entries: readonly SeenEntry[]): string =>
  entries
    .map(({ host, port }) => `${host}:${port}`)
    .sort()
    .join();

export const shownInstances = (...instances: readonly Instance[]): string =>
  shown(instances.map(({ host, port }) => ({ host, port })));

/** Waits until a plain reader sees these instances and nothing else. */
export async function untilSeen(
  { seen }: Pick<AnnouncerFixture, "seen">,
  service: string,
  instances: readonly Instance[],
  withinMs = CALL_MS,
): Promise<void> {
  const wanted = shownInstances(...instances);
  let last = "";
  try {
    await eventually(wanted, async () => (last = shown(await seen(service))) === wanted, withinMs);
  } catch (error) {
    throw new Error(`a reader of ${service} sees "${last}", not "${wanted}"`, { cause: error });
  }
}

/** A native entry at the n-th instance's place. */
export const nativeAt = (n: number): SeenEntry => {
  const { host, port } = announced(n);
  return { host, port };
};
