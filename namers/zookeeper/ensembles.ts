/** Namers of ensembles that paths name: each is connected while somebody observes a name of it, and a little longer. */
import type { Namer, PluginContext } from "linkspan/plugin";

/** Each costs a session, and the paths that name them are made of what people write. */
const MOST_ENSEMBLES = 16;
/** How long a session outlives its last name: a name that is asked for again soon finds it open. */
const IDLE_MS = 60_000;

interface Ensemble {
  readonly namer: Namer;
  leases: number;
  idle: Disposable | undefined;
}

/** Closes what it evicts. */
export class Ensembles implements AsyncDisposable {
  readonly #context: PluginContext;
  readonly #open: (hosts: string) => Namer;
  readonly #ensembles = new Map<string, Ensemble>();
  readonly #closing = new Set<Promise<void>>();

  /** `open` may throw an Error that says what is wrong with the hosts. */
  constructor(context: PluginContext, open: (hosts: string) => Namer) {
    this.#context = context;
    this.#open = open;
  }

  /** How many are open. */
  get size(): number {
    return this.#ensembles.size;
  }

  /** The namer of these hosts, until the lease ends. Throws an Error where there are too many, or these are none. */
  lease(hosts: string): { readonly namer: Namer } & Disposable {
    const ensemble = this.#ensembles.get(hosts) ?? this.#make(hosts);
    ensemble.idle?.[Symbol.dispose]();
    ensemble.idle = undefined;
    ensemble.leases++;
    let isHeld = true;
    return {
      namer: ensemble.namer,
      [Symbol.dispose]: () => {
        if (isHeld && --ensemble.leases === 0) this.#idle(hosts, ensemble);
        isHeld = false;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [hosts, ensemble] of this.#ensembles) this.#close(hosts, ensemble);
    await Promise.all(this.#closing);
  }

  #make(hosts: string): Ensemble {
    if (this.#ensembles.size >= MOST_ENSEMBLES) this.#evict();
    const ensemble: Ensemble = { namer: this.#open(hosts), leases: 0, idle: undefined };
    this.#ensembles.set(hosts, ensemble);
    return ensemble;
  }

  #evict(): void {
    for (const [hosts, ensemble] of this.#ensembles) {
      if (ensemble.leases === 0) return this.#close(hosts, ensemble);
    }
    throw new Error(`more than ${MOST_ENSEMBLES} ZooKeeper ensembles are named in paths; configure a namer for some`);
  }

  #idle(hosts: string, ensemble: Ensemble): void {
    if (this.#ensembles.get(hosts) !== ensemble) return;
    ensemble.idle = this.#context.clock.timer(IDLE_MS, () => this.#close(hosts, ensemble));
  }

  #close(hosts: string, ensemble: Ensemble): void {
    ensemble.idle?.[Symbol.dispose]();
    this.#ensembles.delete(hosts);
    const closed = this.#closed(ensemble.namer);
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }

  async #closed(namer: Namer): Promise<void> {
    try {
      await namer[Symbol.asyncDispose]();
    } catch (error) {
      this.#context.log.error("bug", { error: String(error) });
    }
  }
}
