/** HTTP to registries over this host's own network, by Node's clients. */
import type { Dialer } from "../base/dialer.ts";
import type { Http, HttpClient, HttpOrigin } from "../base/http.ts";
import type { Clock } from "../base/time.ts";
import { Http1Client } from "./http1-client.ts";
import { HttpConnector } from "./http-connector.ts";
import { MultiplexedClient } from "./multiplexed-client.ts";

export class SystemHttp implements Http {
  readonly #clock: Clock;
  readonly #dial: Dialer;

  constructor(clock: Clock, dial: Dialer) {
    this.#clock = clock;
    this.#dial = dial;
  }

  open(origin: HttpOrigin): HttpClient {
    const { tls, multiplexed } = origin;
    if (tls !== undefined && multiplexed !== undefined) {
      return new MultiplexedClient(origin, multiplexed, { clock: this.#clock, dial: this.#dial });
    }
    const connector = new HttpConnector(origin, this.#dial);
    return new Http1Client(origin, this.#clock, (timeoutMs, signal) => connector.connect(timeoutMs, signal));
  }
}
