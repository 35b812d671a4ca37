/** The way to an API server that a context of kubeconfig files describes, read again when the files change. */
import { parseYaml } from "linkspan/plugin";
import { FreshFile } from "./access-file.ts";
import type { AccessWorld, Target, TargetSource } from "./access-target.ts";
import { entryOf, type Kubeconfig, mergedKubeconfig, readKubeconfig } from "./kubeconfig.ts";
import { targetOf } from "./kubeconfig-target.ts";

/** Changes are noticed so soon, where anything is asked. */
const MAX_AGE_MS = 1_000;

export interface KubeconfigChoice {
  /** Of several the first that has a name has its way, and some may be missing. */
  readonly files: readonly string[];
  /** That of `current-context` if it is not said. */
  readonly context: string | undefined;
}

interface Made {
  readonly texts: string;
  readonly target: Target;
}

export class KubeconfigSource implements TargetSource {
  readonly #files: readonly FreshFile[];
  readonly #context: string | undefined;
  readonly #world: AccessWorld;
  #made: Made | undefined;
  #making: Promise<Target> | undefined;
  /** What could not be used, so that it is told once. */
  #refused: string | undefined;

  constructor({ files, context }: KubeconfigChoice, world: AccessWorld) {
    this.#files = files.map((file) => new FreshFile(file, MAX_AGE_MS, world));
    this.#context = context;
    this.#world = world;
  }

  get shown(): string {
    if (this.#made !== undefined) return shownCluster(this.#made.target);
    return this.#context === undefined ? this.#paths : `context ${this.#context} of ${this.#paths}`;
  }

  current(): Promise<Target> {
    this.#making ??= this.#current().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #current(): Promise<Target> {
    const texts = await this.#texts();
    const key = JSON.stringify(texts);
    const old = this.#made;
    if (key === old?.texts || (old !== undefined && key === this.#refused)) return old.target;
    try {
      const target = await this.#make(texts);
      if (old !== undefined) this.#world.log.info("kubernetes.reloaded", { files: this.#paths });
      this.#refused = undefined;
      this.#made = { texts: key, target };
      return target;
    } catch (error) {
      if (old === undefined) throw error;
      this.#refused = key;
      this.#world.log.warn("kubernetes.kept", { cause: (error as Error).message });
      return old.target;
    }
  }

  /** Undefined is a file that is missing, and may be. */
  async #texts(): Promise<readonly (string | undefined)[]> {
    const read = await Promise.allSettled(this.#files.map((file) => file.text()));
    const isOne = read.every(({ status }) => status === "rejected");
    return read.map((each) => {
      if (each.status === "fulfilled") return each.value;
      const cause = each.reason as NodeJS.ErrnoException;
      if (isOne || cause.code !== "ENOENT") throw cause;
      return undefined;
    });
  }

  async #make(texts: readonly (string | undefined)[]): Promise<Target> {
    const read: Kubeconfig[] = [];
    for (const [at, text] of texts.entries()) {
      const file = this.#files[at]?.path ?? "";
      if (text === undefined) continue;
      const parsed = await parseYaml(file, text);
      read.push(naming(file, () => readKubeconfig(file, parsed)));
    }
    return naming(this.#paths, () => this.#chosen(mergedKubeconfig(read)));
  }

  #chosen(kubeconfig: Kubeconfig): Target {
    const { contexts, clusters, users, current } = kubeconfig;
    const name = this.#context ?? current;
    if (name === undefined) throw new Error("it has no `current-context`, and no `context` is configured");
    const context = entryOf(contexts, name, "context");
    return naming(`context ${name}`, () => {
      const cluster = naming(`cluster ${context.cluster}`, () => entryOf(clusters, context.cluster, "cluster"));
      const inUser = `user ${context.user}`;
      const user = context.user === "" ? undefined : naming(inUser, () => entryOf(users, context.user, "user"));
      return targetOf({ cluster, user, namespace: context.namespace, whose: `${this.#paths}: ${inUser}` }, this.#world);
    });
  }

  get #paths(): string {
    return this.#files.map(({ path }) => path).join(":");
  }
}

/** Puts into the message what the mistake is in. */
function naming<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

function shownCluster({ cluster: { host, port, isSecure, basePath } }: Target): string {
  return `${isSecure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}${basePath}`;
}
