/** The smallest proxy that there can be: one HTTP/1 connection each side, hygiene, and no routing. */
import type { Address } from "../../src/base/address.ts";
import { type Failure, failures } from "../../src/base/failure.ts";
import { systemClock, type Clock } from "../../src/base/time.ts";
import { errorResponse } from "../../src/http/error-response.ts";
import { type Exchange, Layout, toDownstream } from "../../src/http/exchange.ts";
import { Filter, link } from "../../src/http/filter.ts";
import { appendVia, stripHopByHop } from "../../src/http/hygiene.ts";
import type { Connection, Transport } from "../../src/http/transport.ts";
import { Http1Downstream } from "../../src/http1/downstream.ts";
import type { DownstreamSite } from "../../src/http1/downstream-site.ts";
import { defaultHttp1Settings, type Http1Settings } from "../../src/http1/settings.ts";
import { Http1Transport } from "../../src/http1/upstream.ts";
import { ConnectError, Connector } from "../../src/net/connector.ts";
import { Listener } from "../../src/net/listener.ts";
import { Sweeper } from "../../src/net/sweeper.ts";

/** Sends each exchange to one address, over the connection that was free last. */
class OneEndpoint extends Filter {
  readonly #free: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #transport: Transport;
  readonly #address: Address;
  readonly #signal: AbortSignal;

  constructor(transport: Transport, address: Address, signal: AbortSignal) {
    super();
    this.#transport = transport;
    this.#address = address;
    this.#signal = signal;
  }

  override dispatch(x: Exchange): void {
    const connection = this.#free.pop();
    if (connection) connection.send(x, this.prev);
    else this.#connect(x);
  }

  #connect(x: Exchange): void {
    let waits = true;
    x.holder = {
      cancel: (_x, failure) => {
        waits = false;
        this.#fail(x, failure);
      },
      abandon: () => {
        waits = false;
        x.holder = undefined;
        this.prev.finish(x);
      },
    };
    const owner = {
      freed: (connection: Connection) => void this.#free.push(connection),
      closed: (connection: Connection) => {
        this.#all.delete(connection);
        const at = this.#free.indexOf(connection);
        if (at >= 0) this.#free.splice(at, 1);
      },
    };
    this.#transport.connect(this.#address, owner, this.#signal).then(
      (connection) => {
        this.#all.add(connection);
        if (waits) connection.send(x, this.prev);
        else this.#free.push(connection);
      },
      (error: unknown) => {
        if (waits) this.#fail(x, failures[error instanceof ConnectError ? error.code : "connect.failed"]);
      },
    );
  }

  #fail(x: Exchange, failure: Failure): void {
    x.holder = undefined;
    x.failure = failure;
    this.prev.respond(x);
    this.prev.finish(x);
  }

  async close(): Promise<void> {
    for (const connection of this.#all) await connection[Symbol.asyncDispose]();
  }
}

class Hygiene extends Filter {
  override dispatch(x: Exchange): void {
    stripHopByHop(x.request.headers);
    appendVia(x.request.headers, 11);
    this.next.dispatch(x);
  }
  override respond(x: Exchange): void {
    if (x.failure) {
      if (x.failure.status > 0) x.responseBody = errorResponse(x.response, x.failure);
    } else {
      stripHopByHop(x.response.headers);
      appendVia(x.response.headers, 11);
    }
    this.prev.respond(x);
  }
}

export interface ProxyOptions {
  readonly port?: number;
  readonly clock?: Clock;
  readonly settings?: Partial<Http1Settings>;
  readonly filters?: readonly Filter[];
}

export class Http1Proxy implements AsyncDisposable {
  readonly bugs: unknown[] = [];
  readonly #listener: Listener;
  readonly #endpoint: OneEndpoint;
  readonly #sweeper: Sweeper;
  readonly #abort: AbortController;

  private constructor(
    listener: Listener,
    endpoint: OneEndpoint,
    sweeper: Sweeper,
    abort: AbortController,
    bugs: unknown[],
  ) {
    this.#listener = listener;
    this.#endpoint = endpoint;
    this.#sweeper = sweeper;
    this.#abort = abort;
    this.bugs = bugs;
  }

  static async start(upstreamPort: number, options: ProxyOptions = {}): Promise<Http1Proxy> {
    const clock = options.clock ?? systemClock;
    const settings = { ...defaultHttp1Settings, ...options.settings };
    const bugs: unknown[] = [];
    const bug = (error: unknown): void => void bugs.push(error);
    const abort = new AbortController();
    const resolver = { addresses: () => Promise.reject(new Error("no names here")) };
    const connector = new Connector({ clock, resolver });
    const transport = new Http1Transport({ connector, limits: settings, bug });
    const endpoint = new OneEndpoint(transport, { host: "127.0.0.1", port: upstreamPort, weight: 1 }, abort.signal);
    const tier = link([new Hygiene(), ...(options.filters ?? []), endpoint], toDownstream, endpoint);
    const sweeper = new Sweeper(clock);
    const site: DownstreamSite = { service: tier.first, layout: new Layout(), settings, clock, sweeper, bug };
    const listener = await Listener.listen({
      host: "127.0.0.1",
      port: options.port ?? 0,
      accept: (socket, closed) => new Http1Downstream(socket, site, closed),
    });
    return new Http1Proxy(listener, endpoint, sweeper, abort, bugs);
  }

  get port(): number {
    return this.#listener.port;
  }

  close(deadline?: AbortSignal): Promise<void> {
    return this.#listener.close(deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#listener.close();
    await this.#endpoint.close();
    this.#sweeper[Symbol.dispose]();
  }
}
