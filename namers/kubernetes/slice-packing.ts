/** Packs instances into EndpointSlices so that a change touches as few of them as it can. */
import {
  type AnnouncedSlice,
  isSameEntry,
  MOST_IN_SLICE,
  type SliceEntry,
  shapeKey,
  type SliceShape,
} from "./announced-slice.ts";

/** A slice with no more than this is joined with another, where both together leave room. */
const FEW_IN_SLICE = MOST_IN_SLICE / 4;
const MOST_WHEN_JOINED = (MOST_IN_SLICE * 3) / 4;

export interface SliceWrite {
  readonly op: "create" | "update" | "delete";
  /** As it is to be; of a deletion, as it was. */
  readonly slice: AnnouncedSlice;
  /** Whether some instance stands nowhere else until this is written: such writes go first. */
  readonly gains: boolean;
  /** The instances that it is about. One that moves is in two writes. */
  readonly ids: ReadonlySet<string>;
}

export interface PackingOptions {
  /** Of the own group; those of others are not touched. */
  readonly slices: readonly AnnouncedSlice[];
  readonly group: string;
  readonly member: string;
  readonly serviceUid: string | undefined;
  /** Not taken yet. */
  newName(): string;
}

class Draft {
  readonly slice: AnnouncedSlice;
  readonly isNew: boolean;
  readonly entries: Map<string, SliceEntry>;
  readonly touched = new Set<string>();
  /** Those that stand here and go to another slice: they stay until they are there. */
  readonly leaving = new Map<string, SliceEntry>();
  isDirty = false;
  gains = false;

  constructor(slice: AnnouncedSlice, isNew: boolean) {
    this.slice = slice;
    this.isNew = isNew;
    this.entries = new Map(slice.entries.map((each) => [each.id, each]));
    this.isDirty = isNew || this.entries.size < slice.entries.length;
  }

  set(entry: SliceEntry): void {
    this.entries.set(entry.id, entry);
    this.touched.add(entry.id);
    this.isDirty = true;
    this.gains = true;
  }

  drop(id: string): void {
    if (!this.entries.delete(id)) return;
    this.touched.add(id);
    this.isDirty = true;
  }

  moveAway(id: string): void {
    const standing = this.slice.entries.find((each) => each.id === id);
    if (standing) this.leaving.set(id, standing);
    this.drop(id);
  }

  get size(): number {
    return this.entries.size + this.leaving.size;
  }
}

/** Used once: changes in, then `finish`. */
export class SlicePacking {
  readonly #options: PackingOptions;
  readonly #byShape = new Map<string, Draft[]>();
  /** Where an id stands; in two places where a move was broken off. */
  readonly #homes = new Map<string, Set<Draft>>();

  constructor(options: PackingOptions) {
    this.#options = options;
    for (const slice of options.slices) this.#add(new Draft(slice, false));
  }

  /** After all removals, so that it finds the room that they leave. */
  put(shape: SliceShape, entry: SliceEntry): void {
    const key = shapeKey(shape);
    const homes = Array.from(this.#homes.get(entry.id) ?? []);
    const home = homes.find(({ slice }) => shapeKey(slice.shape) === key);
    for (const each of homes) if (each !== home) this.#moveAway(each, entry.id);
    if (!home) return this.#set(this.#roomIn(key, shape), entry);
    const standing = home.entries.get(entry.id);
    const isOurs = home.slice.member === this.#options.member && home.slice.serviceUid === this.#options.serviceUid;
    if (!standing || !isSameEntry(standing, entry) || !isOurs) this.#set(home, entry);
  }

  remove(id: string): void {
    for (const each of Array.from(this.#homes.get(id) ?? [])) this.#drop(each, id);
  }

  /** In the order in which they are to be made. */
  finish(): readonly SliceWrite[] {
    for (const drafts of this.#byShape.values()) this.#join(drafts);
    const writes = [...this.#byShape.values()].flatMap((drafts) => drafts.flatMap((draft) => this.#writesOf(draft)));
    return writes.sort((a, b) => Number(b.gains) - Number(a.gains));
  }

  #writesOf({ slice, isNew, isDirty, gains, entries, leaving, touched: ids }: Draft): readonly SliceWrite[] {
    if (entries.size === 0) return isNew ? [] : [{ op: "delete", slice, gains: false, ids }];
    if (!isDirty) return [];
    const { member, serviceUid } = this.#options;
    const after = { ...slice, member, serviceUid, entries: [...entries.values()] };
    if (!gains || leaving.size === 0) return [{ op: isNew ? "create" : "update", slice: after, gains, ids }];
    const meanwhile = { ...after, entries: [...after.entries, ...leaving.values()] };
    return [
      { op: "update", slice: meanwhile, gains: true, ids },
      { op: "update", slice: after, gains: false, ids: new Set(leaving.keys()) },
    ];
  }

  /** One that is written anyway goes with the next; otherwise the fullest that has room, as the others may empty. */
  #roomIn(key: string, shape: SliceShape): Draft {
    let best: Draft | undefined;
    for (const draft of this.#byShape.get(key) ?? []) {
      if (draft.size >= MOST_IN_SLICE) continue;
      if (!best || rank(draft) > rank(best)) best = draft;
    }
    if (best) return best;
    const { group, member, serviceUid, newName } = this.#options;
    const slice = { name: newName(), version: undefined, group, member, serviceUid, shape, entries: [] };
    return this.#add(new Draft(slice, true));
  }

  /** At most one a time, and only where something is written anyway. */
  #join(drafts: readonly Draft[]): void {
    const small = drafts.find(
      ({ isDirty, isNew, entries: { size } }) => isDirty && !isNew && size > 0 && size <= FEW_IN_SLICE,
    );
    if (!small) return;
    const room = MOST_WHEN_JOINED - small.entries.size;
    const other = drafts
      .filter((each) => each !== small && each.entries.size > 0 && each.size <= room)
      .sort((a, b) => rank(b) - rank(a))[0];
    if (!other) return;
    for (const entry of Array.from(small.entries.values())) {
      this.#set(other, entry);
      this.#moveAway(small, entry.id);
    }
  }

  #add(draft: Draft): Draft {
    const key = shapeKey(draft.slice.shape);
    const drafts = this.#byShape.get(key) ?? [];
    drafts.push(draft);
    this.#byShape.set(key, drafts);
    for (const id of draft.entries.keys()) this.#isAt(draft, id);
    return draft;
  }

  #set(draft: Draft, entry: SliceEntry): void {
    draft.set(entry);
    this.#isAt(draft, entry.id);
  }

  #drop(draft: Draft, id: string): void {
    draft.drop(id);
    this.#homes.get(id)?.delete(draft);
  }

  #moveAway(draft: Draft, id: string): void {
    draft.moveAway(id);
    this.#homes.get(id)?.delete(draft);
  }

  #isAt(draft: Draft, id: string): void {
    const homes = this.#homes.get(id);
    if (homes) homes.add(draft);
    else this.#homes.set(id, new Set([draft]));
  }
}

const rank = ({ isDirty, entries }: Draft): number => (isDirty ? MOST_IN_SLICE : 0) + entries.size;
