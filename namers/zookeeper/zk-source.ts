/** What all watches of one namer share: a session, a bound on reads, and the sentence that says why it cannot be reached. */
import type { OtherClients, PluginContext } from "linkspan/plugin";
import { ZkClient, type ZkOptions } from "./client.ts";
import { FreshReader } from "./fresh-reader.ts";
import { InFlight } from "./in-flight.ts";
import type { MirrorWorld } from "./mirror-world.ts";
import { otherClients, sessionHex } from "./other-clients.ts";
import { RelistSpread } from "./relist-spread.ts";
import type { SessionState } from "./session-state.ts";
import { WatchSupport } from "./watch-support.ts";

const MOST_READS_IN_FLIGHT = 64;

interface Explained {
  readonly state: SessionState;
  readonly trouble: Error | undefined;
}

/** Connects when it is first asked for its world. */
export class ZkSource implements AsyncDisposable {
  readonly fresh: FreshReader;
  readonly #context: PluginContext;
  readonly #options: ZkOptions;
  readonly #client: ZkClient;
  readonly #reads = new InFlight(MOST_READS_IN_FLIGHT);
  #world: MirrorWorld | undefined;
  /** All who follow the state ask what it means, one after another. */
  #explained: Explained | undefined;

  /** Throws an Error that says what is wrong with the options. */
  constructor(options: ZkOptions, context: PluginContext) {
    this.#context = context;
    this.#options = options;
    this.#client = new ZkClient(options, context);
    this.fresh = new FreshReader(() => new ZkClient(options, context), this.#reads);
  }

  get world(): MirrorWorld {
    return (this.#world ??= this.#start());
  }

  /** Who else watches below a path. */
  otherClients(path: string, signal: AbortSignal): Promise<OtherClients> {
    const { state } = this.#client;
    const own = "sessionId" in state ? sessionHex(state.sessionId) : undefined;
    return otherClients(this.#options, { path, own }, this.#context, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fresh[Symbol.asyncDispose]();
    await this.#client.close();
  }

  #start(): MirrorWorld {
    this.#client.start();
    const { clock, random } = this.#context;
    return {
      client: this.#client,
      reads: this.#reads,
      spread: new RelistSpread(random),
      support: new WatchSupport(),
      clock,
      random,
      troubleIn: (state) => this.#troubleIn(state),
    };
  }

  #troubleIn(state: SessionState): Error | undefined {
    if (this.#explained?.state === state) return this.#explained.trouble;
    const reason = reasonOf(state);
    const trouble =
      reason &&
      new Error(`ZooKeeper at ${this.#options.connectString} cannot be read: ${reason.message}`, { cause: reason });
    this.#explained = { state, trouble };
    return trouble;
  }
}

function reasonOf(state: SessionState): Error | undefined {
  if (state.tag === "connecting" || state.tag === "suspended" || state.tag === "auth_failed") return state.cause;
  return state.tag === "expired" ? new Error(`session ${state.sessionId} has expired`) : undefined;
}
