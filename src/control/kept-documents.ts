/** A shared store with a copy on this host's disk: a daemon that starts while the store is away begins with the last of it. */
import { type Documents, type DocumentStore, type StoredDocument, UNSAVED } from "../base/document-store.ts";
import type { Log } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { ok, type State, Var } from "../base/var.ts";
import { readSnapshot, writeSnapshot } from "../snapshot/snapshot-file.ts";

export interface KeptDocumentsParts {
  readonly store: DocumentStore;
  /** Of the copy; an absolute path. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** So long the store has for its first answer before the copy stands in for it. */
const PATIENCE_MS = 1_000;

/** It owns the store. */
export class KeptDocuments implements DocumentStore {
  readonly place: string;
  readonly documents: Var<Documents>;
  readonly #parts: KeptDocumentsParts;
  /** What the store showed last, and over it what it does not have. */
  #shown: Documents;
  readonly #unsaved: Map<string, StoredDocument>;
  readonly #since: number;
  #writing: Promise<void> = Promise.resolve();
  #isDue = false;
  #isFailing = false;

  private constructor(parts: KeptDocumentsParts, copy: Copy) {
    this.#parts = parts;
    this.place = parts.store.place;
    this.#shown = copy.documents;
    this.#unsaved = new Map([...copy.documents].filter(([, { version }]) => version === UNSAVED));
    this.#since = copy.at;
    this.documents = Var.source<Documents>((set) => this.#follow(set), { clock: parts.clock });
  }

  /** A copy that cannot be read is none. */
  static async open(parts: KeptDocumentsParts): Promise<KeptDocuments> {
    return new KeptDocuments(parts, await readCopy(parts));
  }

  async write(name: string, text: string, over: string | undefined): Promise<string | undefined> {
    const version = await this.#parts.store.write(name, text, over);
    if (version === undefined) return undefined;
    this.#unsaved.delete(name);
    this.#show(new Map([...this.#shown, [name, { text, version }]]));
    return version;
  }

  /** In the copy only, for a start before the store has it. */
  keep(name: string, text: string): void {
    this.#unsaved.set(name, { text, version: UNSAVED });
    this.#save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#parts.store[Symbol.asyncDispose]();
  }

  #follow(set: (state: State<Documents>) => void): Disposable {
    const { store, clock } = this.#parts;
    let isKnown = false;
    const recall = (cause: Error): void => {
      if (isKnown) return;
      isKnown = true;
      if (this.#shown.size > 0) set(ok(this.#shown, { stale: { since: this.#since, cause } }));
    };
    const patience = clock.timer(PATIENCE_MS, () => recall(new Error(`${store.place} has not answered yet`)));
    const following = store.documents.observe((state) => {
      if (state.tag === "failed") recall(state.cause);
      if (state.tag === "ok") {
        isKnown = true;
        if (state.stale === undefined) this.#show(state.value);
      }
      set(state);
    });
    return {
      [Symbol.dispose]: () => {
        patience[Symbol.dispose]();
        following[Symbol.dispose]();
      },
    };
  }

  #show(documents: Documents): void {
    this.#shown = documents;
    this.#save();
  }

  /** One writing at a time, with the newest. */
  #save(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    this.#isDue = false;
    const { path, log } = this.#parts;
    const lines = [...new Map([...this.#shown, ...this.#unsaved])].map(
      ([name, { text, version }]) => `${JSON.stringify([name, version, text])}\n`,
    );
    try {
      await writeSnapshot(path, lines);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn("shift.unkept", { path, cause: (error as Error).message });
      this.#isFailing = true;
    }
  }
}

interface Copy {
  readonly documents: Documents;
  /** Epoch ms. */
  readonly at: number;
}

async function readCopy({ path, log, clock }: KeptDocumentsParts): Promise<Copy> {
  try {
    const snapshot = await readSnapshot(path);
    const entries = (snapshot?.lines ?? []).map((line): [string, StoredDocument] => {
      const [name, version, text] = JSON.parse(line) as [string, string, string];
      return [name, { version, text }];
    });
    return { documents: new Map(entries), at: snapshot?.writtenAt ?? clock.wall() };
  } catch (error) {
    log.warn("shift.unkept", { path, cause: (error as Error).message });
    return { documents: new Map(), at: clock.wall() };
  }
}
