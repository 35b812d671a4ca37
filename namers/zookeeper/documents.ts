/** A store of small texts in ZooKeeper: a persistent node each, below one node. */
import {
  type Documents,
  type DocumentStore,
  failed,
  LARGEST_DOCUMENT,
  ok,
  type PluginContext,
  sameDocuments,
  type StoredDocument,
  Var,
  versionOf,
} from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import type { NodeKind } from "./node-kind.ts";
import type { MirrorListener } from "./node-mirror.ts";
import { NodeMirrors } from "./node-mirrors.ts";
import { makeParents } from "./parents.ts";
import { join } from "./paths.ts";
import { isZkError } from "./zk-error.ts";
import { ZkSource } from "./zk-source.ts";

export interface ZkDocumentsOptions extends ZkOptions {
  /** The node whose children the documents are. */
  readonly node: string;
}

/** A child that is no document, such as one that is too large. */
const NONE: StoredDocument = { text: "", version: "" };

const documentKind: NodeKind<StoredDocument> = {
  withData: true,
  read(data) {
    if (data.length === 0 || data.length > LARGEST_DOCUMENT) return NONE;
    return { text: Buffer.from(data).toString("utf8"), version: versionOf(data) };
  },
  isSame: (a, b) => a.version === b.version,
};

/** Connects when it is first followed or written to. */
export class ZkDocuments implements DocumentStore {
  readonly place: string;
  readonly documents: Var<Documents>;
  readonly #node: string;
  readonly #source: ZkSource;
  readonly #mirrors: NodeMirrors<StoredDocument>;

  /** Throws an Error that says what is wrong with the options. */
  constructor(options: ZkDocumentsOptions, context: PluginContext) {
    const { node, connectString } = options;
    this.#node = node;
    this.place = `${connectString}${node}`;
    this.#source = new ZkSource(options, context);
    this.#mirrors = new NodeMirrors(documentKind, this.#source);
    this.documents = Var.source<Documents>((set) => this.#follow(set), {
      clock: context.clock,
      equals: sameDocuments,
    });
  }

  async write(name: string, text: string, over: string | undefined): Promise<string | undefined> {
    const path = join(this.#node, name);
    const data = Buffer.from(text, "utf8");
    const isWritten = over === undefined ? await this.#create(path, data) : await this.#replace(path, data, over);
    return isWritten ? versionOf(data) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#mirrors[Symbol.dispose]();
    await this.#source[Symbol.asyncDispose]();
  }

  #follow(set: (state: ReturnType<typeof ok<Documents>> | ReturnType<typeof failed>) => void): Disposable {
    const listener: MirrorListener<StoredDocument> = {
      heard: (children) => set(ok(new Map([...(children ?? [])].filter(([, document]) => document !== NONE)))),
      failed: (cause) => set(failed(cause)),
    };
    this.#mirrors.join(this.#node, listener);
    return { [Symbol.dispose]: () => this.#mirrors.leave(this.#node, listener) };
  }

  async #create(path: string, data: Buffer): Promise<boolean> {
    const { client } = this.#source.world;
    await makeParents(client, this.#node, "persistent");
    try {
      await client.create(path, data);
      return true;
    } catch (error) {
      if (isZkError(error, "NODE_EXISTS")) return false;
      throw error;
    }
  }

  /** The node's own version holds from the look at what is written over until it is. */
  async #replace(path: string, data: Buffer, over: string): Promise<boolean> {
    const { client } = this.#source.world;
    await client.sync(path);
    try {
      const there = await client.getData(path);
      if (versionOf(there.data) !== over) return false;
      await client.setData(path, data, there.stat.version);
      return true;
    } catch (error) {
      if (isZkError(error, "BAD_VERSION") || isZkError(error, "NO_NODE")) return false;
      throw error;
    }
  }
}
