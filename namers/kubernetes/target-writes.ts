/** Makes what an announcement's changes come to: its Service first, then slices that gain, then those that lose. */
import type { EntryOutcome } from "linkspan/plugin";
import { serviceObject, type ServiceWish } from "./announced-service.ts";
import { readSlice, sliceObject } from "./announced-slice.ts";
import { ApiError } from "./api-error.ts";
import { endpointSlicesIn, servicesIn } from "./api-place.ts";
import { type ApiWriter, WriteForbidden, type WriteTerms } from "./api-writer.ts";
import { metadataOf, textOf } from "./json-fields.ts";
import type { SliceWrite } from "./slice-packing.ts";
import type { TargetView } from "./target-view.ts";

/** That something else stands there than was read: it is to be read again. */
export class Outdated extends Error {
  override readonly name = "Outdated";
}

export type Failed = Exclude<EntryOutcome, { tag: "done" }>;

export class TargetWrites {
  readonly #writer: ApiWriter;
  readonly #wish: ServiceWish;

  constructor(writer: ApiWriter, wish: ServiceWish) {
    this.#writer = writer;
    this.#wish = wish;
  }

  /** Resolves with the Service's uid. Rejects with Outdated where another is there by now. */
  async ensureService(view: TargetView, terms: WriteTerms): Promise<string | undefined> {
    const { verdict } = view;
    const place = servicesIn(this.#wish.namespace);
    if (verdict.tag === "refused" || (verdict.tag === "ours" && !verdict.change)) {
      return verdict.tag === "ours" ? verdict.uid : undefined;
    }
    try {
      const written =
        verdict.tag === "missing"
          ? await this.#writer.create(place, serviceObject(this.#wish), terms)
          : await this.#writer.replace(place, this.#wish.service, verdict.change ?? {}, terms);
      const uid = textOf(metadataOf(written)["uid"]);
      view.verdict = { tag: "ours", uid, isOwn: true };
      return uid;
    } catch (error) {
      throw isOutdated(error, verdict.tag === "missing") ? new Outdated((error as Error).message) : error;
    }
  }

  /** Deletes the Service as it was read, which has nothing. */
  async removeService(uid: string, terms: WriteTerms): Promise<void> {
    await this.#writer.delete(servicesIn(this.#wish.namespace), this.#wish.service, { uid }, terms);
  }

  /** Of which instances something could not be written, and why; `view` is as it stands then. */
  async make(writes: readonly SliceWrite[], view: TargetView, terms: WriteTerms): Promise<ReadonlyMap<string, Failed>> {
    const failures = new Map<string, Failed>();
    const gaining = writes.filter(({ gains }) => gains);
    const losing = writes.filter(({ gains }) => !gains);
    await Promise.all(gaining.map((each) => this.#tell(each, view, terms, failures)));
    // What could not be put at its new place stays at the old one.
    const safe = losing.filter(({ ids }) => ![...ids].some((id) => failures.has(id)));
    for (const { ids } of losing.filter((each) => !safe.includes(each))) {
      const cause = "a write that goes before it failed";
      for (const id of ids) if (!failures.has(id)) failures.set(id, { tag: "failed", cause });
    }
    await Promise.all(safe.map((each) => this.#tell(each, view, terms, failures)));
    return failures;
  }

  async #tell(write: SliceWrite, view: TargetView, terms: WriteTerms, failures: Map<string, Failed>): Promise<void> {
    try {
      await this.#makeOne(write, view, terms);
    } catch (error) {
      const failure = failureOf(error, write.op === "create");
      for (const id of write.ids) failures.set(id, failure);
    }
  }

  async #makeOne({ op, slice }: SliceWrite, view: TargetView, terms: WriteTerms): Promise<void> {
    const { namespace } = this.#wish;
    const place = endpointSlicesIn(namespace);
    // One slice may be written twice, one after the other.
    const version = view.slices.get(slice.name)?.version ?? slice.version;
    if (op === "delete") {
      // Another that has come to the same name has another version.
      const preconditions = { resourceVersion: version };
      await this.#writer.delete(place, slice.name, preconditions, terms);
      view.deleted(slice.name);
      return;
    }
    const object = sliceObject({ ...slice, version }, this.#wish);
    const written =
      op === "create"
        ? await this.#writer.create(place, object, terms)
        : await this.#writer.replace(place, slice.name, object, terms);
    view.written(readSlice(written) ?? slice);
  }
}

/** `conflict` is worth another look at what stands there. */
export function failureOf(error: unknown, isNew = false): Failed {
  const cause = error instanceof Error ? error.message : String(error);
  if (error instanceof WriteForbidden) return { tag: error.isAnothers ? "conflict" : "failed", cause };
  if (error instanceof Outdated || isOutdated(error, isNew)) return { tag: "conflict", cause };
  const isRefused = error instanceof ApiError && REFUSALS.has(error.status);
  return { tag: isRefused ? "refused" : "failed", cause };
}

/** What the API server says of the object itself, or of who writes it. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 405, 413, 415, 422]);

/** Of a creation, 404 is the namespace's. */
const isOutdated = (error: unknown, isNew: boolean): boolean =>
  error instanceof ApiError && (error.status === 409 || (error.status === 404 && !isNew));
