/** Keeps what belongs to one connection from passing to the next, in both directions, and says that a message was here. */
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { appendVia, stripHopByHop, takesTrailers } from "../../http/hygiene.ts";
import { known } from "../../http/known-fields.ts";

export class Hygiene extends Filter {
  override dispatch(x: Exchange): void {
    const { headers, version } = x.request;
    if ((headers.seen & known.te) !== 0) x.takesTrailers = takesTrailers(headers);
    stripHopByHop(headers);
    appendVia(headers, version);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    if (x.failure === undefined) {
      const { headers, version } = x.response;
      stripHopByHop(headers);
      appendVia(headers, version);
    }
    this.prev.respond(x);
  }
}
