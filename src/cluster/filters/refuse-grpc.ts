/** Refuses gRPC requests towards endpoints that are called over HTTP/1, which has no way to carry them. */
import { failures } from "../../base/failure.ts";
import { wantsGrpcStatus } from "../../http/error-response.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";

/** What came over HTTP/1 itself is none of ours: it goes on as it came. */
export class RefuseGrpc extends Filter {
  override dispatch(x: Exchange): void {
    if (wantsGrpcStatus(x.request)) return fail(this.prev, x, failures["grpc.unsupported"]);
    this.next.dispatch(x);
  }
}
