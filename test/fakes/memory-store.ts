/** Documents in memory that several daemons share, each by a store of its own that can be cut off. */
import type { Documents, DocumentStore, StoredDocument } from "../../src/base/document-store.ts";
import { failed, ok, type State, Var } from "../../src/base/var.ts";

export class SharedDocuments {
  documents: ReadonlyMap<string, StoredDocument> = new Map();
  readonly #stores = new Set<MemoryStore>();
  #version = 0;

  store(): MemoryStore {
    const store = new MemoryStore(this);
    this.#stores.add(store);
    return store;
  }

  put(name: string, text: string): string {
    const version = `v${++this.#version}`;
    this.documents = new Map([...this.documents, [name, { text, version }]]);
    for (const store of this.#stores) store.show();
    return version;
  }

  set(documents: ReadonlyMap<string, StoredDocument>): void {
    this.documents = documents;
    for (const store of this.#stores) store.show();
  }
}

export class MemoryStore implements DocumentStore {
  readonly place = "memory";
  readonly documents: Var<Documents>;
  readonly #shared: SharedDocuments;
  #set: ((state: State<Documents>) => void) | undefined;
  #isDown = false;

  constructor(shared: SharedDocuments) {
    this.#shared = shared;
    this.documents = Var.source<Documents>((set) => {
      this.#set = set;
      this.show();
      return { [Symbol.dispose]: () => void (this.#set = undefined) };
    });
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  set isDown(isDown: boolean) {
    this.#isDown = isDown;
    this.show();
  }

  show(): void {
    this.#set?.(this.#isDown ? failed(new Error("the store is away")) : ok(this.#shared.documents));
  }

  async write(name: string, text: string, over: string | undefined): Promise<string | undefined> {
    if (this.#isDown) throw new Error("the store is away");
    if (this.#shared.documents.get(name)?.version !== over) return undefined;
    return this.#shared.put(name, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open.
  }
}
