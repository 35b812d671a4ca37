/** The connections of a daemon to one agent, which cuts the 201st of a host: how many there are for what, and in all. */
import type { Http, HttpClient, HttpOrigin } from "linkspan/plugin";

/** What a question is asked on, so that one kind never waits for another. */
export type Lane = "read" | "watch" | "probe" | "write" | "fresh";

/** Names that are watched by a waiting query each. */
export const MOST_WATCHES = 145;
/** Questions that are answered at once. */
export const MOST_READS = 30;
/** Waiting queries that tell of a change somewhere in a datacenter. */
const MOST_PROBES = 6;
/** What announcers and elections ask. */
export const MOST_WRITES = 4;
/** Connections of which each is made for one question. */
const MOST_FRESH = 4;

/** At most 189 together. */
export class AgentConnections implements Disposable {
  readonly shown: string;
  readonly #http: Http;
  readonly #origin: HttpOrigin;
  readonly #watches: HttpClient;
  readonly #probes: HttpClient;
  readonly #writes: HttpClient;
  readonly #fresh = new Set<HttpClient>();
  readonly #waiting: (() => void)[] = [];
  #reads: HttpClient;
  /** Of clients for reads that were left. */
  #closedReads = 0;
  #freeProbes = MOST_PROBES - 1;

  constructor(http: Http, origin: HttpOrigin) {
    this.#http = http;
    this.#origin = origin;
    this.shown = `${origin.host.includes(":") ? `[${origin.host}]` : origin.host}:${origin.port}`;
    this.#watches = http.open({ ...origin, maxConnections: MOST_WATCHES });
    this.#probes = http.open({ ...origin, maxConnections: MOST_PROBES });
    this.#writes = http.open({ ...origin, maxConnections: MOST_WRITES });
    this.#reads = http.open({ ...origin, maxConnections: MOST_READS });
  }

  get open(): number {
    const clients = [this.#watches, this.#probes, this.#writes, this.#reads, ...this.#fresh];
    return clients.reduce((sum, each) => sum + each.connections, 0);
  }

  /** How many connections were closed, of those that questions wait on or are read on: grows with each. */
  get closed(): number {
    return this.#watches.closed + this.#probes.closed + this.#reads.closed + this.#closedReads;
  }

  client(lane: Exclude<Lane, "fresh">): HttpClient {
    if (lane === "write") return this.#writes;
    return lane === "watch" ? this.#watches : lane === "probe" ? this.#probes : this.#reads;
  }

  /** Leaves the connections for reads: they may lead nowhere any more. What is asked on them fails. */
  renewReads(): void {
    const before = this.#reads;
    this.#closedReads += before.closed + before.connections;
    this.#reads = this.#http.open({ ...this.#origin, maxConnections: MOST_READS });
    void before[Symbol.asyncDispose]();
  }

  /** Whether one more waiting query of a datacenter may stay; one connection is kept for those that do not wait. */
  takeProbe(): boolean {
    if (this.#freeProbes === 0) return false;
    this.#freeProbes--;
    return true;
  }

  giveProbe(): void {
    this.#freeProbes++;
  }

  /** Runs `work` on a connection that nothing was asked on before. */
  async onFresh<T>(work: (client: HttpClient) => Promise<T>): Promise<T> {
    if (this.#fresh.size >= MOST_FRESH) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const client = this.#http.open({ ...this.#origin, maxConnections: 1 });
    this.#fresh.add(client);
    try {
      return await work(client);
    } finally {
      this.#fresh.delete(client);
      void client[Symbol.asyncDispose]();
      this.#waiting.shift()?.();
    }
  }

  [Symbol.dispose](): void {
    for (const client of [this.#watches, this.#probes, this.#writes, this.#reads, ...this.#fresh]) {
      void client[Symbol.asyncDispose]();
    }
    for (const wait of this.#waiting.splice(0)) wait();
  }
}
