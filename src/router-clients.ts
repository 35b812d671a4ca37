/** The clusters of one router over all its configurations: those whose bound id and settings stay the same go on. */
import { createHash } from "node:crypto";
import { Scope } from "./base/scope.ts";
import { type ClientLink, type ClientParts, linkClients } from "./client-linker.ts";
import { Clusters } from "./cluster/clusters.ts";
import type { ClusterTier } from "./cluster/stack.ts";
import type { RouterConfig } from "./config/config.ts";
import { meaningOf } from "./config/meaning.ts";
import type { PluginContext } from "./config/plugin.ts";
import type { Bound } from "./naming/namer.ts";
import { Path } from "./naming/path.ts";
import type { ClusterSource } from "./router/lead.ts";

export type RouterClientsParts = Omit<ClientParts, "context" | "stack">;

/** The client settings of one configuration. Whoever prepared them disposes of them with its stack. */
export interface ClientGeneration extends AsyncDisposable {
  readonly source: ClusterSource;
  /** From now on these settings are the ones that hold. */
  use(): void;
}

export class RouterClients implements AsyncDisposable {
  readonly clusters: Clusters;
  readonly #parts: RouterClientsParts;
  /** What keys do not say, since most clusters have it. */
  #common: string | undefined;
  #generations = 0;

  constructor(router: RouterConfig, parts: RouterClientsParts) {
    this.#parts = parts;
    this.clusters = new Clusters({ clock: parts.world.clock, ...limitsOf(router) });
  }

  /** Rejects with PluginNotCreated, or with a CertificateError; then nothing of it is left. */
  async prepare(
    router: RouterConfig,
    stack: string,
    contextOf: (owner: Scope) => PluginContext,
  ): Promise<ClientGeneration> {
    const scope = new Scope();
    try {
      const context = contextOf(scope);
      const link = await linkClients(router, { ...this.#parts, context, stack }, scope);
      const keys = new ClusterKeys(router, context.baseDir, ++this.#generations);
      this.#common ??= keys.suffixOf([]);
      return this.#generation(router, link, keys, scope);
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  #generation(router: RouterConfig, link: ClientLink, keys: ClusterKeys, scope: Scope): ClientGeneration {
    /** The stack, and each cluster that it opened. */
    let users = 1;
    const leave = async (): Promise<void> => {
      if (--users === 0) await scope.close();
    };
    const open = (bound: Bound): ClusterTier => {
      const tier = link.open(bound, leave);
      users++;
      return tier;
    };
    const keyOf = (id: Path): string => {
      const suffix = keys.suffixFor(id);
      return suffix === this.#common ? id.show : `${id.show} ${suffix}`;
    };
    const source: ClusterSource = (bound) => {
      const lease = this.clusters.lease(keyOf(bound.id), () => open(bound));
      lease.tier.follow(bound.addresses);
      return lease;
    };
    const use = (): void => {
      this.clusters.limit(limitsOf(router));
      this.clusters.retire((key, id) => key === keyOf(Path.read(id)));
    };
    return { source, use, [Symbol.asyncDispose]: leave };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clusters.close();
  }
}

function limitsOf({ bindingCache }: RouterConfig): { capacity: number; idleMs: number } {
  return { capacity: bindingCache.clients, idleMs: bindingCache.idleTtlSecs * 1_000 };
}

/** Says of the settings of each bound id, in a few letters, what they mean. */
class ClusterKeys {
  readonly #router: RouterConfig;
  readonly #baseDir: string;
  readonly #generation: number;
  readonly #suffixes = new Map<string, string>();

  constructor(router: RouterConfig, baseDir: string, generation: number) {
    this.#router = router;
    this.#baseDir = baseDir;
    this.#generation = generation;
  }

  suffixFor(id: Path): string {
    const { rules } = this.#router.client;
    if (rules.length === 0) return this.suffixOf([]);
    return this.suffixOf([...rules.keys()].filter((at) => rules[at]?.prefix.matches(id)));
  }

  /** Of the ids that these rules speak of, by their places. */
  suffixOf(rules: readonly number[]): string {
    const which = rules.join();
    const known = this.#suffixes.get(which);
    if (known !== undefined) return known;
    const meaning = meaningOf({
      ...this.#shared(),
      base: this.#router.client.base,
      rules: rules.map((at) => this.#router.client.rules[at]),
    });
    // What cannot be compared is like nothing else.
    const text = meaning ?? `${this.#generation} ${which}`;
    const suffix = createHash("sha256").update(text).digest("base64url").slice(0, 12);
    this.#suffixes.set(which, suffix);
    return suffix;
  }

  /** What else clusters are made of. */
  #shared(): object {
    const { protocol, bindingTimeoutMs, maxHeadersKB, maxInitialLineKB } = this.#router;
    return { protocol, bindingTimeoutMs, maxHeadersKB, maxInitialLineKB, baseDir: this.#baseDir };
  }
}
