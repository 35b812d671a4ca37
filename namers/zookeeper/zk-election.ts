/** A place among the daemons of one group: who made the first of the ephemeral nodes that are left leads. */
import { Backoff, type Election, failed, ok, type PluginContext, Scope, sleep, type State, Var } from "linkspan/plugin";
import { ZkClient, type ZkOptions } from "./client.ts";
import { makeParents } from "./parents.ts";
import { join } from "./paths.ts";
import { sessionName } from "./session-identity.ts";
import { isZkError } from "./zk-error.ts";

/** Shorter than the sessions of entries are, so that who leads next writes before those of a dead leader vanish. */
const MOST_TIMEOUT_MS = 4_000;
/**
 * How much of the session's time a leader trusts in after its last write. A server tells the one that expires sessions
 * whom it has heard twice a tick, and a session has two ticks at least: so it lasts for three quarters after a write.
 */
const TRUST = 0.6;
/** How often a leader writes in that time. */
const WRITES = 4;
const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const CANDIDATE = "candidate-";

interface Standing {
  readonly leads: boolean;
  readonly leader?: string;
}

export interface Candidacy {
  /** The node that the candidates' nodes stand below. */
  readonly place: string;
  readonly member: string;
}

/** A candidate from its construction until it is disposed, which is to resign. */
export class ZkElection implements Election {
  readonly state: Var<Standing>;
  readonly #candidacy: Candidacy;
  readonly #context: PluginContext;
  readonly #client: ZkClient;
  readonly #scope = new Scope();
  readonly #followers = new Set<(state: State<Standing>) => void>();
  #standing: Standing | undefined;
  #trouble: Error | undefined;
  /** The own node's name, and the session that it goes with. */
  #own: { readonly node: string; readonly session: string } | undefined;
  /** Ends the trust in what was answered last. */
  #fence: Disposable | undefined;

  constructor(options: ZkOptions, candidacy: Candidacy, context: PluginContext) {
    this.#candidacy = candidacy;
    this.#context = context;
    const sessionTimeoutMs = Math.min(MOST_TIMEOUT_MS, Math.ceil(options.sessionTimeoutMs / 2));
    this.#client = new ZkClient({ ...options, sessionTimeoutMs, readOnly: false }, context);
    this.state = Var.source<Standing>((set) => this.#follow(set), { clock: context.clock });
    this.#client.onState((state) => {
      if (state.tag === "expired") this.#lost();
    });
    this.#client.start();
    const running = this.#run(this.#scope.signal);
    this.#scope.defer(() => running);
    // Its end takes the node along, and whoever waits behind it is told.
    this.#scope.own(this.#client);
    this.#scope.defer(() => this.#tell({ leads: false }, undefined));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #follow(set: (state: State<Standing>) => void): Disposable {
    this.#followers.add(set);
    this.#say(set);
    return { [Symbol.dispose]: () => void this.#followers.delete(set) };
  }

  #tell(standing: Standing | undefined, trouble: Error | undefined): void {
    this.#fence?.[Symbol.dispose]();
    this.#standing = standing;
    this.#trouble = trouble;
    for (const set of this.#followers) this.#say(set);
  }

  #say(set: (state: State<Standing>) => void): void {
    if (this.#standing !== undefined) set(ok(this.#standing));
    if (this.#trouble !== undefined) set(failed(this.#trouble));
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#context;
    const backoff = new Backoff(MIN_RETRY_MS, MAX_RETRY_MS, random);
    while (!signal.aborted) {
      try {
        await this.#stand(signal);
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        log.debug("announcer.unelected", { cause: String(error) });
        if (this.#standing === undefined) this.#tell(undefined, error as Error);
        await sleep(clock, backoff.next(), signal).catch(() => undefined);
      }
    }
  }

  /** Asks once who leads, and waits until it is time to ask again. */
  async #stand(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const { place, member } = this.#candidacy;
    const { node, session } = (this.#own ??= await this.#candidate());
    const candidates = await this.#candidates();
    const at = candidates.indexOf(node);
    const state = this.#client.state;
    if (at < 0 || state.tag !== "connected" || state.sessionId !== session) {
      // It went with its session, or somebody deleted it.
      return this.#lost();
    }
    const wake = new AbortController();
    using watcher = this.#client.watcher(() => wake.abort());
    const askedAt = clock.now();
    const [before] = candidates.slice(Math.max(0, at - 1), at);
    if (before === undefined) await this.#client.setData(join(place, node), Buffer.from(member));
    else if ((await this.#client.exists(join(place, before), watcher)) === undefined) return;
    const leader = before === undefined ? member : await this.#memberAt(candidates[0] ?? node);
    const trustMs = state.timeoutMs * TRUST;
    this.#trust(askedAt + trustMs, { leads: before === undefined, ...(leader === undefined ? {} : { leader }) });
    await sleep(clock, trustMs / WRITES, AbortSignal.any([signal, wake.signal])).catch(() => undefined);
  }

  #lost(): void {
    this.#own = undefined;
    if (this.#standing?.leads === true) this.#tell({ leads: false }, undefined);
  }

  /** What was learned holds until then, by the own clock: a leader does not wait to be told that it is none. */
  #trust(until: number, standing: Standing): void {
    const leftMs = until - this.#context.clock.now();
    if (leftMs <= 0 || this.#scope.signal.aborted) return;
    this.#tell(standing, undefined);
    this.#fence = this.#context.clock.timer(leftMs, () =>
      this.#tell({ leads: false }, new Error("ZooKeeper does not say who leads")),
    );
  }

  async #candidate(): Promise<{ readonly node: string; readonly session: string }> {
    const { place, member } = this.#candidacy;
    await makeParents(this.#client, place, "container");
    const state = this.#client.state;
    if (state.tag !== "connected") throw new Error("the session is lost");
    // One whose creation was not answered would be waited for, for ever.
    for (const node of await this.#candidates()) {
      const stat = await this.#client.exists(join(place, node));
      if (stat && sessionName(stat.ephemeralOwner) === state.sessionId) return { node, session: state.sessionId };
    }
    const path = await this.#client.create(join(place, CANDIDATE), Buffer.from(member), "ephemeral_sequential");
    return { node: path.slice(path.lastIndexOf("/") + 1), session: state.sessionId };
  }

  /** In the order in which they came. */
  async #candidates(): Promise<readonly string[]> {
    const { children } = await this.#client.getChildren(this.#candidacy.place);
    return children.filter((name) => name.startsWith(CANDIDATE)).sort();
  }

  async #memberAt(node: string): Promise<string | undefined> {
    try {
      return (await this.#client.getData(join(this.#candidacy.place, node))).data.toString();
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return undefined;
      throw error;
    }
  }
}
