/** Notes each request down when it has ended, for whoever asks why it ended so. */
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { RecentRequests, RecordPlace } from "../recent-requests.ts";

export class RecordRequest extends Filter {
  readonly #recent: RecentRequests;
  readonly #place: RecordPlace;

  constructor(recent: RecentRequests, place: RecordPlace) {
    super();
    this.#recent = recent;
    this.#place = place;
  }

  override finish(x: Exchange): void {
    this.#recent.add(x, this.#place);
    this.prev.finish(x);
  }
}
