/** Turns the failure of an exchange into an answer for its caller. */
import { answerFailure } from "../../http/error-response.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { idOf } from "../recent-requests.ts";
import type { RouterSlots } from "../slots.ts";

/**
 * A failure that nobody can be told of goes on as it is. One that comes after the head is the body's matter. With it goes
 * the id by which `linkspan why` tells more; a caller whose request was served has it from the trace that it sent.
 */
export class ErrorResponse extends Filter {
  readonly #slots: RouterSlots;

  constructor(slots: RouterSlots) {
    super();
    this.#slots = slots;
  }

  override respond(x: Exchange): void {
    if (x.failure !== undefined && x.failure.status !== 0) {
      answerFailure(x, x.failure);
      const { traceHigh, traceLow } = this.#slots;
      const id = idOf(x.numbers[traceHigh] as number, x.numbers[traceLow] as number);
      if (id !== "") x.response.headers.append("linkspan-request-id", id);
    }
    this.prev.respond(x);
  }
}
