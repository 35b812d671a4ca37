/** A store of small texts in Kubernetes: a ConfigMap each, told by its label. */
import {
  type Documents,
  type DocumentStore,
  failed,
  LARGEST_DOCUMENT,
  ok,
  type PluginContext,
  sameDocuments,
  type State,
  type StoredDocument,
  Var,
  versionOf,
} from "linkspan/plugin";
import type { ApiAccess, OpenAccess } from "./api-access.ts";
import { ApiError } from "./api-error.ts";
import type { ApiPlace } from "./api-place.ts";
import { ApiWriter } from "./api-writer.ts";
import { type ApiObject, fieldsOf, metadataOf, textOf } from "./json-fields.ts";
import { Reflector, type ReflectorListener, type ReflectorTimes } from "./reflector.ts";
import { Turns } from "./turns.ts";

const LABEL = "linkspan/documents";
/** The key of a ConfigMap's data. */
const KEY = "document";
const WRITE_MS = 5_000;

export interface K8sDocumentsOptions {
  readonly open: OpenAccess;
  readonly namespace: string;
  /** What the documents are, which is their label's value and a part of their names. */
  readonly collection: string;
  readonly times?: ReflectorTimes;
}

interface KeptDocument extends StoredDocument {
  readonly name: string;
}

export class K8sDocuments implements DocumentStore {
  readonly place: string;
  readonly documents: Var<Documents>;
  readonly #options: K8sDocumentsOptions;
  readonly #context: Pick<PluginContext, "clock" | "random" | "log">;
  readonly #at: ApiPlace;
  readonly #prefix: string;
  #access: ApiAccess | undefined;
  #writer: ApiWriter | undefined;

  constructor(options: K8sDocumentsOptions, context: Pick<PluginContext, "clock" | "random" | "log">) {
    const { namespace, collection } = options;
    this.#options = options;
    this.#context = context;
    this.#prefix = `linkspan-${collection}-`;
    this.place = `ConfigMaps ${this.#prefix}* of ${namespace}`;
    this.#at = {
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`,
      selectors: { labelSelector: `${LABEL}=${collection}` },
      shown: `the ${collection} of ${namespace}`,
    };
    this.documents = Var.source<Documents>((set) => this.#follow(set), {
      clock: context.clock,
      equals: sameDocuments,
    });
  }

  /** The resource version holds from the look at what is written over until it is. */
  async write(name: string, text: string, over: string | undefined): Promise<string | undefined> {
    const { clock, random } = this.#context;
    this.#writer ??= new ApiWriter({ access: this.#open(), clock, random });
    const terms = { signal: AbortSignal.timeout(WRITE_MS) };
    const object = this.#prefix + name;
    const before = await this.#writer.read(this.#at, object, terms);
    if ((before === undefined ? undefined : this.#keep(before)?.version) !== over) return undefined;
    const version = metadataOf(before ?? {})["resourceVersion"];
    try {
      const written = this.#objectOf(name, text, version);
      await this.#writer.put(this.#at, before === undefined ? undefined : object, written, terms);
      return versionOf(text);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#access?.[Symbol.asyncDispose]();
  }

  #open(): ApiAccess {
    return (this.#access ??= this.#options.open());
  }

  #follow(set: (state: State<Documents>) => void): Disposable {
    const { clock, random, log } = this.#context;
    const { times } = this.#options;
    const access = this.#open();
    const server = access.shown;
    const resource = {
      place: this.#at,
      keep: (object: ApiObject) => this.#keep(object),
      isSame: (a: KeptDocument, b: KeptDocument) => a.version === b.version,
    };
    return new Reflector<KeptDocument>({
      access,
      resources: [resource],
      turns: new Turns(1),
      clock,
      random,
      listener: listenerOf(set, {
        expired: () => log.debug("kubernetes.expired", { server }),
        repaired: (count) => log.warn("kubernetes.repaired", { server, count }),
      }),
      ...(times ? { times } : {}),
    });
  }

  /** `undefined` for what is no document of ours, though it has the label. */
  #keep(object: ApiObject): KeptDocument | undefined {
    const name = textOf(metadataOf(object)["name"]);
    const text = fieldsOf(object["data"])[KEY];
    if (name?.startsWith(this.#prefix) !== true || typeof text !== "string" || text.length > LARGEST_DOCUMENT) {
      return undefined;
    }
    return { name: name.slice(this.#prefix.length), text, version: versionOf(text) };
  }

  #objectOf(name: string, text: string, resourceVersion: unknown): ApiObject {
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: this.#prefix + name,
        namespace: this.#options.namespace,
        labels: { [LABEL]: this.#options.collection },
        ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
      },
      data: { [KEY]: text },
    };
  }
}

type Tell = Pick<ReflectorListener<KeptDocument>, "expired" | "repaired">;

function listenerOf(set: (state: State<Documents>) => void, tell: Tell): ReflectorListener<KeptDocument> {
  const kept = new Map<string, StoredDocument>();
  let isKnown = false;
  const show = (): void => set(ok(new Map(kept)));
  return {
    ...tell,
    changed: (before, now) => {
      if (before !== undefined) kept.delete(before.name);
      if (now !== undefined) kept.set(now.name, { text: now.text, version: now.version });
    },
    settled: () => {
      isKnown = true;
      show();
    },
    // What was settled before stands again.
    well: () => void (isKnown && show()),
    failed: (cause) => set(failed(cause)),
    unreadable: () => undefined,
    readable: () => undefined,
  };
}
