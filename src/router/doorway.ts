/** Stands between the connections of a server and its tier, which a reload may replace: the next request takes the new one. */
import type { Exchange, Service } from "../http/exchange.ts";

/** One a listening server, for as long as that listens; it leads somewhere before that does. */
export class Doorway implements Service {
  #tier!: Service;

  /** What has passed already ends where it went. */
  leadTo(tier: Service): void {
    this.#tier = tier;
  }

  dispatch(x: Exchange): void {
    this.#tier.dispatch(x);
  }
}
