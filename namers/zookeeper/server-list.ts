/** In which order, and when, the servers of an ensemble are tried. */
import { Backoff, type Random } from "linkspan/plugin";
import type { ZkServer } from "./connect-string.ts";
import type { ServerTurn } from "./dial-server.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** All clients of a server lose it at the same moment. */
const SPREAD_MS = 100;
const MANY = 1_000_000;

/** Shuffled once, so that many clients spread; then round and round, with a pause after each round that failed. */
export class ServerList {
  readonly #servers: readonly ZkServer[];
  readonly #random: Random;
  readonly #backoff: Backoff;
  readonly #turns = new Map<ZkServer, number>();
  #next = 0;
  #triedInRound = 0;

  constructor(servers: readonly ZkServer[], random: Random) {
    const shuffled = [...servers];
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = Math.floor(random.next() * (at + 1));
      [shuffled[at], shuffled[other]] = [shuffled[other] as ZkServer, shuffled[at] as ZkServer];
    }
    this.#servers = shuffled;
    this.#random = random;
    this.#backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random);
  }

  get all(): readonly ZkServer[] {
    return this.#servers;
  }

  next(): ServerTurn {
    const server = this.#servers[this.#next % this.#servers.length] as ZkServer;
    this.#next++;
    const turn = this.#turns.get(server) ?? Math.floor(this.#random.next() * MANY);
    this.#turns.set(server, turn + 1);
    return { server, turn };
  }

  /** `turn` is the next one: an address of this server was found to be the one to use. */
  prefer({ server, turn }: ServerTurn): void {
    this.#next = this.#servers.indexOf(server);
    this.#turns.set(server, turn);
  }

  /** How long to wait after an attempt that failed. */
  pauseMs(): number {
    this.#triedInRound++;
    if (this.#triedInRound < this.#servers.length) return 0;
    this.#triedInRound = 0;
    return this.#backoff.next();
  }

  /** How long to wait after a good connection was lost. */
  spreadMs(): number {
    return this.#random.next() * SPREAD_MS;
  }

  /** All is well again: the next failure begins with a fast round. */
  reset(): void {
    this.#triedInRound = 0;
    this.#backoff.reset();
  }
}
