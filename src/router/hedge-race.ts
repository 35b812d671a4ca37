/** Two attempts of one exchange side by side: the exchange itself, and a child that was sent elsewhere. */
import type { Failure } from "../base/failure.ts";
import { restoreHost } from "../cluster/filters/rewrite-host.ts";
import { noBody } from "../http/body.ts";
import type { Exchange, Holder, Layout, Responder } from "../http/exchange.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Headers } from "../http/headers.ts";
import { ownExchange } from "../http/own-exchange.ts";
import { PassedBody } from "../http/passed-body.ts";
import type { RouterSlots } from "./slots.ts";

/** An exchange of its own for the same request, which has no body. It goes to another endpoint where there is one. */
export function childOf(x: Exchange, layout: Layout, slots: RouterSlots): Exchange {
  const headers = HeaderList.copyOf(x.request.headers);
  headers.remove("l5d-dst-client");
  headers.remove("l5d-dst-residual");
  restoreHost(x, headers, slots);
  const { version, method, target } = x.request;
  const child = ownExchange({ version, method, target, headers }, layout);
  child.takesTrailers = x.takesTrailers;
  child.scheme = x.scheme;
  child.remoteAddress = x.remoteAddress;
  child.caller = x.caller;
  child.proof = x.proof;
  child.startedAt = x.startedAt;
  child.values[slots.classifier] = x.values[slots.classifier];
  // What is decided about either of them is decided about the request.
  child.values[slots.decisions] = x.values[slots.decisions];
  child.values[slots.endpoint] = x.values[slots.endpoint];
  return child;
}

/** "both" run. "child": the exchange's own attempt failed. "own": the child failed. Or one of them gave the answer. */
type State = "both" | "child" | "own" | "own won" | "child won";

/**
 * The first head is the answer, and the other attempt is ended; one that fails leaves it to the other. While only the
 * child is left, the race holds the exchange.
 */
export class HedgeRace implements Holder {
  readonly child: Exchange;
  readonly #x: Exchange;
  readonly #prev: Responder;
  readonly #slot: { readonly race: number; readonly endpoint: number };
  #state: State = "both";
  #failure: Failure | undefined = undefined;

  constructor(
    x: Exchange,
    child: Exchange,
    prev: Responder,
    slot: { readonly race: number; readonly endpoint: number },
  ) {
    this.#x = x;
    this.child = child;
    this.#prev = prev;
    this.#slot = slot;
    x.values[slot.race] = this;
    child.values[slot.race] = this;
  }

  respond(y: Exchange): void {
    if (y === this.child) this.#childAnswered();
    else this.#ownAnswered();
  }

  finish(y: Exchange): void {
    if (y === this.child) this.#childEnded();
    else this.#ownEnded();
  }

  /** Of the exchange, while the child has it alone. */
  cancel(x: Exchange, failure: Failure): void {
    if (this.#state === "child won") return this.child.cancel(failure);
    this.#leaveChild();
    this.#leave();
    x.failure = failure;
    this.#prev.respond(x);
    this.#prev.finish(x);
  }

  /** Of the exchange, while the child has it alone. */
  abandon(x: Exchange): void {
    this.#leaveChild();
    this.#leave();
    this.#prev.finish(x);
  }

  #childAnswered(): void {
    if (this.child.failure !== undefined) return;
    const wasAlone = this.#state === "child";
    this.#state = "child won";
    if (!wasAlone) this.#x.abandon();
    this.#adopt();
    this.#prev.respond(this.#x);
  }

  #ownAnswered(): void {
    const { failure } = this.#x;
    if (failure !== undefined && !isForBoth(failure)) {
      this.#failure = failure;
      return;
    }
    this.#leaveChild();
    this.#leave();
    this.#prev.respond(this.#x);
  }

  #childEnded(): void {
    const x = this.#x;
    if (this.#state === "own won") return;
    if (this.#state === "child won") {
      x.trailers = this.child.trailers;
      x.broken = this.child.broken;
      this.#leave();
      return this.#prev.finish(x);
    }
    const wasAlone = this.#state === "child";
    this.#state = "own";
    this.#leave(wasAlone);
    if (!wasAlone) return;
    x.failure = this.#failure;
    this.#prev.respond(x);
    this.#prev.finish(x);
  }

  /** Its own attempt is over. */
  #ownEnded(): void {
    const x = this.#x;
    if (this.#state === "child won") return;
    if (this.#failure === undefined) {
      // Somebody above has given the whole exchange up.
      this.#leaveChild();
      this.#leave();
      return this.#prev.finish(x);
    }
    this.#state = "child";
    x.resetAttempt();
    x.holder = this;
  }

  #leaveChild(): void {
    this.#state = "own won";
    this.child.abandon();
  }

  #leave(isHolder = this.#x.holder === this): void {
    this.#x.values[this.#slot.race] = undefined;
    if (isHolder) this.#x.holder = undefined;
  }

  /** The child's answer becomes the exchange's. */
  #adopt(): void {
    const x = this.#x;
    const { child } = this;
    x.resetAttempt();
    x.response.version = child.response.version;
    x.response.status = child.response.status;
    x.response.reason = child.response.reason;
    x.response.headers = child.response.headers;
    x.responseBody = child.responseBody === noBody ? noBody : new AdoptedBody(x, child);
    x.answeredAt = child.answeredAt;
    x.sent = true;
    x.values[this.#slot.endpoint] = child.values[this.#slot.endpoint];
    x.holder = this;
  }
}

/** The caller left, or the time of the whole request is up: neither attempt is of use any more. */
function isForBoth({ code, flags }: Failure): boolean {
  return code === "total.timeout" || flags.has("interrupted");
}

/** Tells the exchange what its child's answer ended with before whoever reads the body hears of the end. */
class AdoptedBody extends PassedBody {
  readonly #x: Exchange;
  readonly #child: Exchange;

  constructor(x: Exchange, child: Exchange) {
    super(child.responseBody);
    this.#x = x;
    this.#child = child;
  }

  override end(trailers?: Headers): void {
    this.#x.trailers = this.#child.trailers;
    super.end(trailers);
  }

  override fail(failure: Failure): void {
    this.#x.broken = this.#child.broken;
    super.fail(failure);
  }
}
