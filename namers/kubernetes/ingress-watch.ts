/** Follows the Ingresses of a namespace, or of all: the last rules that were known stay in use whatever happens. */
import type { PluginContext } from "linkspan/plugin";
import type { OpenAccess } from "./api-access.ts";
import { ingressesIn } from "./api-place.ts";
import { type IngressEntry, IngressKeeper } from "./ingress-object.ts";
import { IngressTable } from "./ingress-table.ts";
import { Reflector, type ReflectorListener, type ReflectorTimes } from "./reflector.ts";
import { Turns } from "./turns.ts";

export interface IngressWatchOptions {
  readonly open: OpenAccess;
  /** `*` for all. */
  readonly namespace: string;
  readonly ingressClass: string;
  readonly ignoreDefaultBackends: boolean;
  readonly times?: ReflectorTimes;
}

type Context = Pick<PluginContext, "clock" | "random" | "log" | "guard">;

/** Begins when it is made. */
export class IngressWatch implements ReflectorListener<IngressEntry>, AsyncDisposable {
  readonly #options: IngressWatchOptions;
  readonly #context: Context;
  readonly #access: ReturnType<OpenAccess>;
  readonly #reflector: Reflector<IngressEntry>;
  readonly #entries = new Set<IngressEntry>();
  readonly #refused = new Set<string>();
  readonly #answered = Promise.withResolvers<void>();
  #table: IngressTable | undefined;
  /** Runs while the loss of every Ingress is not believed yet. */
  #hold: Disposable | undefined;
  #trouble: Error | undefined;
  #isOutTold = false;

  constructor(options: IngressWatchOptions, context: Context) {
    this.#options = options;
    this.#context = context;
    this.#access = options.open();
    const keeper = new IngressKeeper(options.ingressClass);
    this.#reflector = new Reflector<IngressEntry>({
      access: this.#access,
      resources: ingressesIn(options.namespace).map((place) => ({
        place,
        keep: (object) => keeper.keep(object),
        isSame: (a, b) => keeper.isSame(a, b),
      })),
      turns: new Turns(1),
      clock: context.clock,
      random: context.random,
      listener: this,
      ...(options.times ? { times: options.times } : {}),
    });
  }

  /** `undefined` until the first answer. */
  get table(): IngressTable | undefined {
    return this.#table;
  }

  /** Why nothing is known of what happens now. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** Resolves with the first answer, or with the first failure to get one. */
  answered(): Promise<void> {
    return this.#answered.promise;
  }

  changed(before: IngressEntry | undefined, now: IngressEntry | undefined): void {
    if (before) this.#entries.delete(before);
    if (now) this.#entries.add(now);
  }

  settled(): void {
    const isLoss = this.#entries.size === 0 && (this.#table?.size ?? 0) > 0;
    if (!isLoss) return this.#use();
    const { clock, guard, log } = this.#context;
    if (guard.holdMs === 0) return this.#use();
    if (this.#hold) return;
    log.warn("ingress.held", { server: this.#access.shown, lost: this.#table?.size ?? 0 });
    this.#hold = clock.timer(guard.holdMs, () => this.#use());
  }

  failed(cause: Error): void {
    this.#trouble = cause;
    if (!this.#isOutTold) this.#context.log.warn("ingress.stale", this.#about(cause));
    this.#isOutTold = true;
    this.#answered.resolve();
  }

  well(): void {
    this.#trouble = undefined;
    if (this.#isOutTold) this.#context.log.info("ingress.recovered", { server: this.#access.shown });
    this.#isOutTold = false;
  }

  unreadable(key: string, why: Error): void {
    if (this.#refused.has(key)) return;
    this.#refused.add(key);
    this.#context.log.warn("ingress.refused", { ingress: key, cause: why.message });
  }

  readable(key: string): void {
    this.#refused.delete(key);
  }

  expired(): void {
    this.#context.log.debug("kubernetes.expired", { server: this.#access.shown });
  }

  repaired(count: number): void {
    this.#context.log.warn("kubernetes.repaired", { server: this.#access.shown, count });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hold?.[Symbol.dispose]();
    this.#reflector[Symbol.dispose]();
    this.#answered.resolve();
    await this.#access[Symbol.asyncDispose]();
  }

  #use(): void {
    this.#hold?.[Symbol.dispose]();
    this.#hold = undefined;
    this.#table = new IngressTable(this.#entries, this.#options.ignoreDefaultBackends);
    this.#answered.resolve();
  }

  #about(cause: Error): { readonly server: string; readonly cause: string } {
    return { server: this.#access.shown, cause: cause.message };
  }
}
