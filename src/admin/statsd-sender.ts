/** Sends Linkerd 1's metrics to a StatsD server, as its telemeter `io.l5d.statsd` did. */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Resolver } from "../base/dialer.ts";
import type { Log } from "../base/log.ts";
import { type Clock, sleep } from "../base/time.ts";
import { turn } from "../base/turn.ts";
import { within } from "../base/within.ts";
import { linkerdMetrics, type MetricsSources } from "./metrics-routes.ts";
import { StatsdLines } from "./statsd-lines.ts";

export interface StatsdSettings {
  readonly prefix: string;
  readonly hostname: string;
  readonly port: number;
  readonly gaugeIntervalMs: number;
}

export interface StatsdParts {
  readonly sources: Pick<MetricsSources, "registry" | "refresh" | "process">;
  readonly resolve: Resolver;
  readonly clock: Clock;
  readonly log: Log;
}

const LEAST_MS = 1_000;
const RESOLVE_MS = 2_000;
/** A datagram of these fits into a frame of Ethernet. */
const DATAGRAM_BYTES = 1_400;
/** Ten thousand lines a second, of which a server loses none: where there are more a round takes longer. */
const DATAGRAMS_A_STEP = 64;
const PAUSE_MS = 100;

/** What happened before it was made is not told. What cannot be sent is lost, as with any StatsD. */
export class StatsdSender implements AsyncDisposable {
  readonly #settings: StatsdSettings;
  readonly #parts: StatsdParts;
  readonly #lines: StatsdLines;
  readonly #end = new AbortController();
  readonly #first: Promise<void>;
  #timer: Disposable | undefined;
  #round: Promise<void> = Promise.resolve();
  #failedAt: number | undefined;

  constructor(settings: StatsdSettings, parts: StatsdParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#lines = new StatsdLines(settings.prefix);
    this.#first = this.#begin();
    this.#wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("it is over"));
    this.#timer?.[Symbol.dispose]();
    await this.#round;
  }

  /** What was counted until now is told to nobody. */
  async #begin(): Promise<void> {
    for await (const _ of this.#pieces());
  }

  /** In each turn some. */
  async *#pieces(): AsyncGenerator<readonly string[]> {
    for (const lines of this.#lines.next(await linkerdMetrics(this.#parts.sources))) {
      if (this.#end.signal.aborted) return;
      yield lines;
      await turn();
    }
  }

  #wait(): void {
    const ms = Math.max(LEAST_MS, this.#settings.gaugeIntervalMs);
    this.#timer = this.#parts.clock.timer(ms, () => void (this.#round = this.#send()));
  }

  async #send(): Promise<void> {
    try {
      await this.#first;
      await this.#sendAll();
      this.#tell(undefined);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
    if (!this.#end.signal.aborted) this.#wait();
  }

  async #sendAll(): Promise<void> {
    const address = await this.#address();
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    try {
      let sent = 0;
      for await (const lines of this.#pieces()) {
        for (const datagram of datagramsOf(lines)) {
          await sendTo(socket, datagram, this.#settings.port, address);
          if (++sent % DATAGRAMS_A_STEP === 0) await sleep(this.#parts.clock, PAUSE_MS, this.#end.signal);
        }
      }
    } finally {
      socket.close();
    }
  }

  async #address(): Promise<string> {
    const { hostname } = this.#settings;
    const { clock, resolve } = this.#parts;
    const limit = { clock, ms: RESOLVE_MS, signal: this.#end.signal, late: `${hostname} was not resolved in time` };
    const { addresses } = await within(limit, (signal) => resolve.addresses(hostname, signal));
    const [address] = addresses;
    if (address === undefined) throw new Error(`${hostname} has no address`);
    return address;
  }

  /** Once for each time that it fails after it had not. */
  #tell(cause: string | undefined): void {
    const { clock, log } = this.#parts;
    const { hostname, port } = this.#settings;
    if (this.#end.signal.aborted) return;
    if (cause === undefined) {
      if (this.#failedAt !== undefined)
        log.info("statsd.recovered", { hostname, port, downMs: clock.now() - this.#failedAt });
      this.#failedAt = undefined;
      return;
    }
    if (this.#failedAt === undefined) log.warn("statsd.failed", { hostname, port, cause });
    this.#failedAt ??= clock.now();
  }
}

function sendTo(socket: Socket, text: string, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // A socket that cannot be bound says so there alone.
    socket.once("error", reject);
    socket.send(text, port, address, (error) => {
      socket.off("error", reject);
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Lines that go together, as few times as may be. */
export function* datagramsOf(lines: readonly string[]): Generator<string, void> {
  let datagram = "";
  for (const line of lines) {
    if (datagram !== "" && datagram.length + 1 + line.length > DATAGRAM_BYTES) {
      yield datagram;
      datagram = "";
    }
    datagram = datagram === "" ? line : `${datagram}\n${line}`;
  }
  if (datagram !== "") yield datagram;
}
