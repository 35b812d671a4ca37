/** What all watches of one namer share: a session, a bound on reads, and the sentence that says why it cannot be reached. */
import type { PluginContext } from "linkspan/plugin";
import { ZkClient, type ZkOptions } from "./client.ts";
import { FreshReader } from "./fresh-reader.ts";
import { InFlight } from "./in-flight.ts";
import { RelistSpread } from "./relist-spread.ts";
import type { SessionState } from "./session-state.ts";
import { WatchSupport } from "./watch-support.ts";

const MOST_READS_IN_FLIGHT = 64;

/** Connects when it is first asked for its client. */
export class ZkSource implements AsyncDisposable {
  readonly reads = new InFlight(MOST_READS_IN_FLIGHT);
  readonly support = new WatchSupport();
  readonly spread: RelistSpread;
  readonly fresh: FreshReader;
  readonly #connectString: string;
  readonly #client: ZkClient;
  #isStarted = false;

  /** Throws an Error that says what is wrong with the options. */
  constructor(options: ZkOptions, context: PluginContext) {
    this.#connectString = options.connectString;
    this.#client = new ZkClient(options, context);
    this.spread = new RelistSpread(context.random);
    this.fresh = new FreshReader(() => new ZkClient(options, context), this.reads);
  }

  get client(): ZkClient {
    if (!this.#isStarted) this.#client.start();
    this.#isStarted = true;
    return this.#client;
  }

  /** Calls `listener` with each reason why nothing can be read now, beginning with the present one if there is one. */
  onTrouble(listener: (cause: Error) => void): Disposable {
    return this.client.onState((state) => {
      const reason = reasonOf(state);
      if (reason !== undefined) {
        listener(new Error(`ZooKeeper at ${this.#connectString} cannot be read: ${reason.message}`, { cause: reason }));
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fresh[Symbol.asyncDispose]();
    await this.#client.close();
  }
}

function reasonOf(state: SessionState): Error | undefined {
  if (state.tag === "connecting" || state.tag === "suspended" || state.tag === "auth_failed") return state.cause;
  return state.tag === "expired" ? new Error(`session ${state.sessionId} has expired`) : undefined;
}
