/** Turns the failure of an exchange into an answer for its caller. */
import { answerFailure } from "../../http/error-response.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";

/** A failure that nobody can be told of goes on as it is. One that comes after the head is the body's matter. */
export class ErrorResponse extends Filter {
  override respond(x: Exchange): void {
    if (x.failure !== undefined && x.failure.status !== 0) answerFailure(x, x.failure);
    this.prev.respond(x);
  }
}
