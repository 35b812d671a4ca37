/** A dtab in a key of a ConfigMap, listed and watched as namers watch Services. */
import type { DtabListener, DtabReading, DtabSource, PluginContext } from "linkspan/plugin";
import type { ApiAccess, OpenAccess } from "./api-access.ts";
import { type ApiPlace, configMapIn } from "./api-place.ts";
import { type ApiObject, fieldsOf, metadataOf, textOf } from "./json-fields.ts";
import { listAll } from "./list.ts";
import { Reflector, type ReflectorListener, type ReflectorTimes } from "./reflector.ts";
import { Turns } from "./turns.ts";

export interface ConfigMapDtabOptions {
  readonly open: OpenAccess;
  readonly namespace: string;
  readonly name: string;
  /** The key of its data. */
  readonly filename: string;
  readonly times?: ReflectorTimes;
}

/** What is kept of the ConfigMap: the one key, and the version of the whole. */
interface KeptKey {
  readonly text: string | undefined;
  readonly revision: string | undefined;
}

export class ConfigMapDtab implements DtabSource {
  readonly place: string;
  readonly #options: ConfigMapDtabOptions;
  readonly #context: Pick<PluginContext, "clock" | "random" | "log">;
  readonly #at: ApiPlace;
  #access: ApiAccess | undefined;

  constructor(options: ConfigMapDtabOptions, context: Pick<PluginContext, "clock" | "random" | "log">) {
    const { namespace, name, filename } = options;
    this.place = `configmap:${namespace}/${name}/${filename}`;
    this.#options = options;
    this.#context = context;
    this.#at = configMapIn(namespace, name);
  }

  follow(listener: DtabListener): Disposable {
    const { clock, random, log } = this.#context;
    const { times } = this.#options;
    this.#access ??= this.#options.open();
    const server = this.#access.shown;
    return new Reflector<KeptKey>({
      access: this.#access,
      resources: [{ place: this.#at, keep: (object) => this.#keep(object), isSame }],
      turns: new Turns(1),
      clock,
      random,
      listener: new KeyListener(listener, {
        expired: () => log.debug("kubernetes.expired", { server }),
        repaired: (count) => log.warn("kubernetes.repaired", { server, count }),
      }),
      ...(times ? { times } : {}),
    });
  }

  /** On an access of its own. */
  async confirm(signal: AbortSignal): Promise<DtabReading> {
    await using access = this.#options.open();
    let found: KeptKey | undefined;
    const begin = (): void => void (found = undefined);
    const each = (object: ApiObject): void => void (found = this.#keep(object));
    await listAll({ access, place: this.#at, clock: this.#context.clock, signal, begin, each });
    return readingOf(found);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#access?.[Symbol.asyncDispose]();
  }

  /** Throws where the key holds something else than a text. */
  #keep(object: ApiObject): KeptKey | undefined {
    const { name, resourceVersion } = metadataOf(object);
    if (name !== this.#options.name) return undefined;
    const { filename } = this.#options;
    const text = fieldsOf(object["data"])[filename];
    if (text !== undefined && typeof text !== "string") throw new Error(`its ${filename} is no text`);
    return { text, revision: textOf(resourceVersion) };
  }
}

type Tell = Pick<ReflectorListener<KeptKey>, "expired" | "repaired">;

/** Hears of one object. */
class KeyListener implements ReflectorListener<KeptKey> {
  readonly #listener: DtabListener;
  readonly #tell: Tell;
  #kept: KeptKey | undefined;
  #isKnown = false;
  #unreadable: Error | undefined;

  constructor(listener: DtabListener, tell: Tell) {
    this.#listener = listener;
    this.#tell = tell;
  }

  changed(_: KeptKey | undefined, now: KeptKey | undefined): void {
    this.#kept = now;
  }

  settled(): void {
    this.#isKnown = true;
    if (this.#unreadable) this.#listener.failed(this.#unreadable);
    else this.#listener.heard(readingOf(this.#kept));
  }

  well(): void {
    if (this.#isKnown) this.settled();
  }

  failed(cause: Error): void {
    this.#listener.failed(cause);
  }

  unreadable(key: string, why: Error): void {
    this.#unreadable = new Error(`the ConfigMap ${key} cannot be read: ${why.message}`);
  }

  readable(): void {
    this.#unreadable = undefined;
  }

  expired(): void {
    this.#tell.expired();
  }

  repaired(count: number): void {
    this.#tell.repaired(count);
  }
}

function readingOf(kept: KeptKey | undefined): DtabReading {
  const revision = kept?.revision;
  return { text: kept?.text, ...(revision === undefined ? {} : { revision }) };
}

const isSame = (a: KeptKey, b: KeptKey): boolean => a.text === b.text && a.revision === b.revision;
