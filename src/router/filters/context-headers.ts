/** Reads the context that a caller sent, as far as it is trusted, and writes the context that goes on. */
import { type Failure, failure, failures } from "../../base/failure.ts";
import type { Clock, Random } from "../../base/time.ts";
import { discard, noBody } from "../../http/body.ts";
import type { Exchange, Trailing } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import type { Headers } from "../../http/headers.ts";
import { known } from "../../http/known-fields.ts";
import { isGrpcCall } from "../../http/grpc.ts";
import { Deadline } from "../deadline.ts";
import { readGrpcTimeout } from "../grpc-timeout.ts";
import type { RouterParams, ServerParams } from "../params.ts";
import type { RouterSlots } from "../slots.ts";
import { B3Trace } from "../b3-trace.ts";
import { ContextTrace, type TracePropagator } from "../trace.ts";
import { Trust } from "../trust.ts";
import { GRPC_TIMEOUT } from "./call-deadline.ts";
import { ContextFields, dropL5d } from "./context-fields.ts";

const CLIENT_CERT = "x-forwarded-client-cert";
const garbled = failure(
  "request.malformed",
  "The header grpc-timeout is not a number of at most 8 digits with a unit.",
);

export interface ContextHeadersParts {
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly random: Random;
  readonly server: ServerParams;
  readonly tracePropagator: RouterParams["tracePropagator"];
}

export class ContextHeaders extends Filter implements Trailing {
  readonly #slots: RouterSlots;
  readonly #clock: Clock;
  readonly #clear: boolean;
  readonly #timestampHeader: string | undefined;
  readonly #trust: Trust;
  readonly #trace: TracePropagator | undefined;
  readonly #fields = new ContextFields();

  constructor({ slots, clock, random, server, tracePropagator }: ContextHeadersParts) {
    super();
    this.#slots = slots;
    this.#clock = clock;
    this.#clear = server.clearContext;
    this.#timestampHeader = server.timestampHeader;
    this.#trust = new Trust(server.trust);
    this.#trace = propagatorOf(tracePropagator, random, (x) => this.#honours(x));
  }

  override dispatch(x: Exchange): void {
    const { headers } = x.request;
    if ((headers.seen & known.clientCert) !== 0) headers.remove(CLIENT_CERT);
    if (this.#timestampHeader !== undefined) headers.set(this.#timestampHeader, String(Math.floor(this.#clock.wall())));
    const isInTime = (headers.seen & known.l5d) === 0 ? this.#beginTrace(x) : this.#read(x);
    if (this.#trace !== undefined) {
      x.numbers[this.#slots.traceHigh] = this.#trace.high;
      x.numbers[this.#slots.traceLow] = this.#trace.low;
    }
    if (!isInTime) return fail(this.prev, x, failures["total.timeout"]);
    if (x.request.version === 20 || (headers.seen & known.grpcTimeout) !== 0) {
      const flaw = this.#readCall(x);
      if (flaw !== undefined) return fail(this.prev, x, flaw);
    }
    this.#trace?.write(x);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    if (this.#clear && x.failure === undefined) {
      if (dropL5d(x.response.headers)) emptyBody(x);
      x.trailing = this;
    }
    this.prev.respond(x);
  }

  /** With `clearContext` the class of an answer is no caller's business, in its trailers either. */
  trailers(_x: Exchange, trailers: Headers | undefined): Headers | undefined {
    if (trailers !== undefined) dropL5d(trailers);
    return trailers;
  }

  /** Says `false` when the caller's deadline has passed. */
  #read(x: Exchange): boolean {
    const { headers } = x.request;
    const fields = this.#fields;
    const honoured = this.#honours(x);
    fields.take(headers, this.#clear ? "all" : honoured ? "ours" : "context");
    if (!honoured) return this.#beginTrace(x);
    if (this.#trace) this.#continueTrace(this.#trace, x);
    // Slices of the caller's head must not outlive it in the key of a route.
    if (fields.dtab !== "") x.values[this.#slots.localDtab] = Buffer.from(fields.dtab, "latin1").toString("latin1");
    return fields.deadlines.length === 0 || this.#readDeadline(x);
  }

  /** Of a caller that has said nothing of its own; it has set no deadline either. */
  #beginTrace(x: Exchange): true {
    this.#trace?.next(x, undefined);
    return true;
  }

  /** Whether what the caller says of its context means anything here. */
  #honours(x: Exchange): boolean {
    return !this.#clear && this.#trust.trusts(x.remoteAddress);
  }

  #continueTrace(trace: TracePropagator, x: Exchange): void {
    const { sample } = this.#fields;
    trace.next(x, this.#fields);
    const rate = sample === undefined || sample.trim() === "" ? Number.NaN : Number(sample);
    if (!Number.isNaN(rate)) trace.sample(Math.min(1, Math.max(0, rate)));
  }

  #readDeadline(x: Exchange): boolean {
    let deadline: Deadline | undefined;
    for (const text of this.#fields.deadlines) {
      const read = Deadline.read(text);
      deadline = deadline && read ? deadline.combine(read) : (read ?? deadline);
    }
    x.values[this.#slots.deadline] = deadline;
    return deadline === undefined || deadline.atMs > this.#clock.wall();
  }

  /** The deadline of a gRPC call is the earlier one of its own and of its context's. */
  #readCall(x: Exchange): Failure | undefined {
    const { headers } = x.request;
    const own = (headers.seen & known.grpcTimeout) === 0 ? undefined : headers.get(GRPC_TIMEOUT);
    const context = x.values[this.#slots.deadline] as Deadline | undefined;
    if ((own === undefined && context === undefined) || !isGrpcCall(headers)) return undefined;
    const now = this.#clock.now();
    let dueAt = context === undefined ? Infinity : now + context.atMs - this.#clock.wall();
    if (own !== undefined) {
      const ms = readGrpcTimeout(own);
      if (ms === undefined) return garbled;
      dueAt = Math.min(dueAt, x.startedAt + ms);
    }
    if (dueAt <= now) return failures["total.timeout"];
    x.numbers[this.#slots.callDueAt] = dueAt;
    return undefined;
  }
}

function propagatorOf(
  kind: RouterParams["tracePropagator"],
  random: Random,
  honours: (x: Exchange) => boolean,
): TracePropagator | undefined {
  if (kind === "io.l5d.zipkin") return new B3Trace(random, honours);
  return kind === "none" ? undefined : new ContextTrace(random);
}

/** An error's text is context too: with `l5d-err` gone, the body that repeats it goes. */
function emptyBody(x: Exchange): void {
  const { headers } = x.response;
  // Nobody will read what the upstream still has to say.
  x.responseBody.pipe(discard);
  x.responseBody = noBody;
  headers.remove("transfer-encoding");
  headers.set("content-length", "0");
}
