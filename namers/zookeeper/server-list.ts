/** In which order, and when, the servers of an ensemble are tried. */
import { Backoff, type Random } from "linkspan/plugin";
import type { ZkServer } from "./connect-string.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Shuffled once, so that many clients spread; then round and round, with a pause after each round that failed. */
export class ServerList {
  readonly #servers: readonly ZkServer[];
  readonly #backoff: Backoff;
  #next = 0;
  #triedInRound = 0;

  constructor(servers: readonly ZkServer[], random: Random) {
    const shuffled = [...servers];
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = Math.floor(random.next() * (at + 1));
      [shuffled[at], shuffled[other]] = [shuffled[other] as ZkServer, shuffled[at] as ZkServer];
    }
    this.#servers = shuffled;
    this.#backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random);
  }

  get size(): number {
    return this.#servers.length;
  }

  next(): ZkServer {
    const server = this.#servers[this.#next % this.#servers.length] as ZkServer;
    this.#next++;
    return server;
  }

  /** How long to wait after an attempt that failed. */
  pauseMs(): number {
    this.#triedInRound++;
    if (this.#triedInRound < this.#servers.length) return 0;
    this.#triedInRound = 0;
    return this.#backoff.next();
  }

  /** All is well again: the next failure begins with a fast round. */
  reset(): void {
    this.#triedInRound = 0;
    this.#backoff.reset();
  }
}
