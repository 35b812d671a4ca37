/** The place of one announcement: looked at, and brought to what is wanted there, against whatever others write meanwhile. */
import type { Owner, PlannedWrite } from "linkspan/plugin";
import { serviceObject, type ServiceWish } from "./announced-service.ts";
import { sliceObject } from "./announced-slice.ts";
import type { ApiWriter, WriteTerms } from "./api-writer.ts";
import type { PlacedInstance } from "./placed-instance.ts";
import { SlicePacking, type SliceWrite } from "./slice-packing.ts";
import type { TargetReader } from "./target-reader.ts";
import { TargetView } from "./target-view.ts";
import { type Failed, failureOf, TargetWrites } from "./target-writes.ts";

/** Looks at what stands there, each of which finds what others wrote since the one before. */
const MOST_LOOKS = 4;

/** Of ids: where each is to stand, or `undefined` for those that are to stand nowhere. */
export type Wanted = ReadonlyMap<string, PlacedInstance | undefined>;

/** Of which ids it could not be done, and why. */
export type Failures = ReadonlyMap<string, Failed>;

export interface AnnouncedTargetOptions {
  readonly wish: ServiceWish;
  readonly owner: Owner;
  readonly reader: TargetReader;
  readonly writer: ApiWriter;
}

export class AnnouncedTarget {
  readonly #options: AnnouncedTargetOptions;
  readonly #writes: TargetWrites;
  #view: TargetView | undefined;

  constructor(options: AnnouncedTargetOptions) {
    this.#options = options;
    this.#writes = new TargetWrites(options.writer, options.wish);
  }

  async look(signal: AbortSignal): Promise<TargetView> {
    const { reader, wish, owner } = this.#options;
    this.#view = undefined;
    this.#view = new TargetView(await reader.read(wish.service, signal), wish, owner);
    return this.#view;
  }

  /** What is known is not to be relied on any more. */
  forget(): void {
    this.#view = undefined;
  }

  /** What `bringAbout` would write, by the last look. */
  plan(wanted: Wanted): readonly PlannedWrite[] {
    const { wish, owner } = this.#options;
    const view = this.#view ?? new TargetView({ service: undefined, slices: [] }, wish, owner);
    const { verdict } = view;
    const uid = verdict.tag === "ours" ? verdict.uid : undefined;
    const planned: PlannedWrite[] = [];
    const service = { object: `Service ${wish.namespace}/${wish.service}` };
    const hasPuts = putsOf(wanted).size > 0;
    if (hasPuts && verdict.tag === "missing")
      planned.push({ op: "create", ...service, data: shown(serviceObject(wish)) });
    if (hasPuts && verdict.tag === "ours" && verdict.change) {
      planned.push({ op: "update", ...service, data: shown(verdict.change) });
    }
    for (const { op, slice } of this.#pack(view, allowed(view, wanted), uid)) {
      const object = `EndpointSlice ${wish.namespace}/${slice.name}`;
      planned.push(op === "delete" ? { op, object } : { op, object, data: shown(sliceObject(slice, wish)) });
    }
    return planned;
  }

  /** Where something was written meanwhile it looks again. Never rejects. */
  async bringAbout(wanted: Wanted, terms: WriteTerms): Promise<Failures> {
    const failures = new Map<string, Failed>();
    let open = wanted;
    for (let looks = 1; looks <= MOST_LOOKS && open.size > 0; looks++) {
      const found = await this.#once(open, terms);
      for (const id of open.keys()) failures.delete(id);
      for (const [id, failure] of found) failures.set(id, failure);
      open = new Map([...open].filter(([id]) => found.get(id)?.tag === "conflict"));
      if (found.size > 0) this.forget();
    }
    return failures;
  }

  /** Deletes the Service, where the own group made it and nobody has an endpoint there. */
  async removeService(terms: WriteTerms): Promise<void> {
    const view = await this.look(terms.signal);
    const { verdict } = view;
    if (verdict.tag !== "ours" || !verdict.isOwn || verdict.uid === undefined || !view.isEmpty) return;
    await this.#writes.removeService(verdict.uid, terms);
    this.forget();
  }

  async #once(wanted: Wanted, terms: WriteTerms): Promise<Failures> {
    try {
      terms.check?.();
      const view = this.#view ?? (await this.look(terms.signal));
      const { verdict } = view;
      const puts = putsOf(wanted);
      const uid = puts.size > 0 ? await this.#writes.ensureService(view, terms) : uidOf(view);
      const failures = new Map(await this.#writes.make(this.#pack(view, allowed(view, wanted), uid), view, terms));
      if (verdict.tag === "refused")
        for (const id of puts.keys()) failures.set(id, { tag: "refused", cause: verdict.reason });
      return failures;
    } catch (error) {
      const failure = failureOf(error);
      return new Map([...wanted.keys()].map((id) => [id, failure]));
    }
  }

  #pack(view: TargetView, wanted: Wanted, serviceUid: string | undefined): readonly SliceWrite[] {
    const slices = [...view.slices.values()];
    const packing = new SlicePacking({ slices, ...this.#options.owner, serviceUid, newName: view.newNames() });
    for (const [id, place] of wanted) if (!place) packing.remove(id);
    for (const place of putsOf(wanted).values()) packing.put(place.shape, place.entry);
    return packing.finish();
  }
}

const putsOf = (wanted: Wanted): ReadonlyMap<string, PlacedInstance> =>
  new Map([...wanted].flatMap(([id, place]) => (place ? [[id, place] as const] : [])));

/** At a Service that is not to be written to, what is ours may still be taken away. */
const allowed = ({ verdict }: TargetView, wanted: Wanted): Wanted =>
  verdict.tag === "refused" ? new Map([...wanted].filter(([, place]) => place === undefined)) : wanted;

const uidOf = ({ verdict }: TargetView): string | undefined => (verdict.tag === "ours" ? verdict.uid : undefined);

const shown = (object: object): string => JSON.stringify(object);
