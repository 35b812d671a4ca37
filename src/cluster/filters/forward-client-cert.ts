/** Tells the endpoint whose certificate the caller has shown. What callers say of that themselves never comes so far. */
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";

const CLIENT_CERT = "x-forwarded-client-cert";
const CLIENT_ID = "l5d-client-id";

export class ForwardClientCert extends Filter {
  override dispatch(x: Exchange): void {
    const { proof } = x;
    if (proof !== undefined) {
      x.request.headers.set(CLIENT_CERT, proof.forwarded);
      if (proof.id !== "") x.request.headers.set(CLIENT_ID, proof.id);
    }
    this.next.dispatch(x);
  }

  /** The next attempt may go to a cluster that is not told. */
  override finish(x: Exchange): void {
    if (x.proof !== undefined) {
      x.request.headers.remove(CLIENT_CERT);
      x.request.headers.remove(CLIENT_ID);
    }
    this.prev.finish(x);
  }
}
