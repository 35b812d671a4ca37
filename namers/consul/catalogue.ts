/** One datacenter as one namer sees it: whether it can be asked, and when something in it has changed. */
import { Backoff, type Clock, type Random, sleep } from "linkspan/plugin";
import { AgentError, type ConsulAgent, isTimeout } from "./agent.ts";
import { ChangeWatch, type ChangeWatchOptions } from "./change-watch.ts";

/** The nodes are asked for with an answer of two bytes, and often, so that a connection that leads nowhere is found out. */
const HEARTBEAT_MS = 4_000;
const PROBE_MS = 2_500;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 1_000;
/** Between tries to reach a datacenter that nobody knows the way to. */
const NOWHERE_MS = 30_000;
/** From one sweep's begin to the next one's. */
const SWEEP_EVERY_MS = 1_000;
/** One change is told by up to three watches. */
const GATHER_MS = 50;
/** However quiet a datacenter is, it is swept, and everything is looked at again. */
const FLOOR_MS = 60_000;
const LOOK_AGAIN_MS = 300_000;
/** After a connection that led nowhere, or a server that began anew, everything is looked at again, but not more often. */
const SUSPECT_EVERY_MS = 5_000;

/** What the schedule is told. */
export interface CatalogueListener {
  sweep(catalogue: Catalogue, who: "swept" | "all"): void;
  hasSwept(catalogue: Catalogue): boolean;
  lost(catalogue: Catalogue, cause: Error): void;
  found(catalogue: Catalogue): void;
}

export interface CatalogueOptions {
  readonly agent: ConsulAgent;
  /** Of every question: the consistency and the datacenter, such as `dc=dc1`. */
  readonly query: string;
  /** Whether the checks of instances matter. */
  readonly withChecks: boolean;
  /** How long the list of services, which can be large, and the checks are waited for. */
  readonly waitMs: number;
  readonly listener: CatalogueListener;
  readonly clock: Clock;
  readonly random: Random;
  /** Nothing of it is followed any more. */
  left(): void;
}

/** Who follows the list of services. */
export interface ListListener {
  listed(text: string): void;
  failed(cause: Error): void;
}

/** Asks nothing until a name of it is followed. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #nodes: ChangeWatch;
  readonly #services: ChangeWatch;
  readonly #sweepers: readonly ChangeWatch[];
  readonly #lists = new Set<ListListener>();
  #list: string | undefined;
  #members = 0;
  #end = new AbortController();
  #down: Error | undefined;
  #isProbing = false;
  #sweptAt = -Infinity;
  #suspectedAt = -Infinity;
  #dueSweep: Disposable | undefined;
  #dueLook: Disposable | undefined;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    const { query, withChecks, waitMs } = options;
    const none = (field: string): string => `filter=${encodeURIComponent(`${field} == ""`)}`;
    const changed = (): void => this.#changed();
    const isWanted = (): boolean => this.#needsSweepers();
    const nodes = `/v1/catalog/nodes?${none("Node")}&${query}`;
    this.#nodes = this.#changeWatch({ path: nodes, waitMs: HEARTBEAT_MS, changed, isWanted: () => true });
    const listed = (text: string): void => this.#listed(text);
    this.#services = this.#changeWatch({ path: `/v1/catalog/services?${query}`, waitMs, changed: listed, isWanted });
    const checks = `/v1/health/state/any?${none("CheckID")}&${query}`;
    const ofChecks = { path: checks, waitMs, changed, isWanted };
    this.#sweepers = withChecks ? [this.#services, this.#changeWatch(ofChecks)] : [this.#services];
  }

  /** Why nothing of it can be asked now. */
  get down(): Error | undefined {
    return this.#down;
  }

  /** One more name of it is followed, until it is disposed. */
  enter(): Disposable {
    if (this.#members++ === 0) this.#begin();
    return { [Symbol.dispose]: () => void (--this.#members === 0 && this.#stop()) };
  }

  /** Tells every list of services that is read, until it is disposed. */
  follow(list: ListListener): Disposable {
    const membership = this.enter();
    this.#lists.add(list);
    if (this.#down) list.failed(this.#down);
    else if (this.#list !== undefined && this.#services.isRunning) list.listed(this.#list);
    this.sweeps();
    return {
      [Symbol.dispose]: () => {
        this.#lists.delete(list);
        membership[Symbol.dispose]();
      },
    };
  }

  /** There is a name that only sweeps keep current. */
  sweeps(): void {
    if (this.#members > 0 && !this.#down) for (const watch of this.#sweepers) if (!watch.isRunning) watch.start();
  }

  /** Something could not be asked: one question finds out whether anything can. */
  trouble(cause: Error, isSuspect = false): void {
    if (this.#isProbing || this.#members === 0) return;
    this.#isProbing = true;
    // A connection that gives no answer may be the only thing that is wrong.
    if (isTimeout(cause)) this.#options.agent.connections.renewReads();
    void this.#probe(isSuspect, this.#end.signal).finally(() => (this.#isProbing = false));
  }

  /** What waits may wait in vain: all is asked without an index, so that nothing stays that is gone. */
  lookAgain(): void {
    const { clock, listener } = this.#options;
    if (this.#dueLook || this.#members === 0) return;
    const look = (): void => {
      this.#dueLook = undefined;
      this.#suspectedAt = clock.now();
      // When it can be asked again everything is read anyway.
      if (this.#down) return;
      for (const watch of this.#sweepers) watch.stop();
      if (this.#needsSweepers()) this.sweeps();
      listener.sweep(this, "all");
    };
    const waitMs = this.#suspectedAt + SUSPECT_EVERY_MS - clock.now();
    if (waitMs <= 0) look();
    else this.#dueLook = clock.timer(waitMs, look);
  }

  #begin(): void {
    this.#end = new AbortController();
    this.#nodes.start();
    void this.#floor(this.#end.signal).catch(() => undefined);
  }

  #stop(): void {
    this.#end.abort(new Error("nothing of the catalogue is followed"));
    this.#nodes.stop();
    for (const watch of this.#sweepers) watch.stop();
    this.#dueSweep?.[Symbol.dispose]();
    this.#dueLook?.[Symbol.dispose]();
    this.#dueSweep = this.#dueLook = undefined;
    this.#down = undefined;
    this.#list = undefined;
    this.#options.left();
  }

  #changeWatch(what: Pick<ChangeWatchOptions, "path" | "waitMs" | "changed" | "isWanted">): ChangeWatch {
    const { agent, clock, random } = this.#options;
    // Where no server has answered the queries of names may have been lost as well.
    const failed = (cause: Error): void => this.trouble(cause, !(cause instanceof AgentError));
    return new ChangeWatch({ ...what, agent, clock, random, failed, wentBack: () => this.lookAgain() });
  }

  async #probe(isSuspect: boolean, signal: AbortSignal): Promise<void> {
    const { agent, query, clock, random, listener } = this.#options;
    const backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS, random);
    const path = `/v1/catalog/nodes?filter=${encodeURIComponent('Node == ""')}&${query}`;
    while (!signal.aborted) {
      try {
        await agent.ask({ path, lane: "read", signal, withinMs: PROBE_MS });
        if (!signal.aborted) this.#reached(isSuspect);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const cause = error as Error;
        if (isTimeout(cause)) agent.connections.renewReads();
        const wasDown = this.#down !== undefined;
        this.#down = cause;
        if (!wasDown) listener.lost(this, cause);
        for (const list of this.#lists) list.failed(cause);
        const pauseMs = cause.message.includes("No path to datacenter") ? NOWHERE_MS : backoff.next();
        await sleep(clock, pauseMs, signal).catch(() => undefined);
      }
    }
  }

  #reached(isSuspect: boolean): void {
    const { listener } = this.#options;
    const wasDown = this.#down !== undefined;
    this.#down = undefined;
    for (const watch of [this.#nodes, ...this.#sweepers]) {
      if (wasDown && watch === this.#nodes) watch.start();
      else if (watch === this.#nodes || this.#needsSweepers()) watch.startLater();
    }
    if (wasDown) listener.found(this);
    else if (isSuspect) this.lookAgain();
  }

  #needsSweepers(): boolean {
    return this.#lists.size > 0 || this.#options.listener.hasSwept(this);
  }

  #listed(text: string): void {
    this.#list = text;
    for (const list of this.#lists) list.listed(text);
    this.#changed();
  }

  #changed(): void {
    const { clock, listener } = this.#options;
    if (this.#dueSweep) return;
    const waitMs = Math.max(GATHER_MS, this.#sweptAt + SWEEP_EVERY_MS - clock.now());
    this.#dueSweep = clock.timer(waitMs, () => {
      this.#dueSweep = undefined;
      this.#sweptAt = clock.now();
      listener.sweep(this, "swept");
    });
  }

  async #floor(signal: AbortSignal): Promise<void> {
    const { clock, random, listener } = this.#options;
    for (let round = 1; ; round++) {
      await sleep(clock, FLOOR_MS * (0.9 + random.next() / 5), signal);
      if (this.#down) continue;
      listener.sweep(this, round % (LOOK_AGAIN_MS / FLOOR_MS) === 0 ? "all" : "swept");
    }
  }
}
