/** The trace context of Zipkin, as it travels in `x-b3-*`: adopted, or made, and continued by a child. */
import type { Random } from "../base/time.ts";
import type { Exchange } from "../http/exchange.ts";
import { PlainField } from "../http/field-line.ts";
import type { Headers } from "../http/headers.ts";
import type { TracePropagator } from "./trace.ts";

const TRACE_ID = "x-b3-traceid";
const SPAN_ID = "x-b3-spanid";
const PARENT_SPAN_ID = "x-b3-parentspanid";
const SAMPLED = "x-b3-sampled";
const FLAGS = "x-b3-flags";

const traceField = new PlainField(TRACE_ID);
const spanField = new PlainField(SPAN_ID);
const parentField = new PlainField(PARENT_SPAN_ID);
const sampledField = new PlainField(SAMPLED);
const flagsField = new PlainField(FLAGS);

const ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;
const WORD = 2 ** 32;

/** Writes neither `l5d-reqid` nor `l5d-ctx-trace`. What is not of the form counts as absent. */
export class B3Trace implements TracePropagator {
  readonly #random: Random;
  readonly #honours: (x: Exchange) => boolean;
  #trace = "";
  #parent = "";
  #sampled: boolean | undefined;
  #flags: string | undefined;

  /** `honours` says whether a caller may say in which trace its request is. */
  constructor(random: Random, honours: (x: Exchange) => boolean) {
    this.#random = random;
    this.#honours = honours;
  }

  next(x: Exchange): void {
    const { headers } = x.request;
    const trace = this.#honours(x) ? headers.get(TRACE_ID) : undefined;
    const isAdopted = trace !== undefined && ID.test(trace);
    this.#trace = isAdopted ? trace.toLowerCase() : this.#id();
    this.#sampled = isAdopted ? sampledOf(headers) : undefined;
    this.#flags = isAdopted ? flagsOf(headers) : undefined;
    // This hop's own span, and below it the one of the request that goes on.
    this.#parent = this.#id();
    for (const name of [TRACE_ID, SPAN_ID, PARENT_SPAN_ID, SAMPLED, FLAGS]) headers.remove(name);
  }

  sample(rate: number): void {
    const id = BigInt.asIntN(64, BigInt(`0x${this.#trace.slice(-16)}`));
    this.#sampled = Number((id < 0n ? -id : id) % 10_000n) < rate * 10_000;
  }

  get high(): number {
    return Number.parseInt(this.#trace.slice(-16, -8), 16);
  }

  get low(): number {
    return Number.parseInt(this.#trace.slice(-8), 16);
  }

  write(x: Exchange): void {
    const { headers } = x.request;
    headers.appendLine(traceField.line(this.#trace));
    headers.appendLine(spanField.line(this.#id()));
    headers.appendLine(parentField.line(this.#parent));
    if (this.#sampled !== undefined) headers.appendLine(sampledField.line(this.#sampled ? "1" : "0"));
    if (this.#flags !== undefined) headers.appendLine(flagsField.line(this.#flags));
  }

  #id(): string {
    const word = (): string => ((this.#random.next() * WORD) >>> 0).toString(16).padStart(8, "0");
    return word() + word();
  }
}

function sampledOf(headers: Headers): boolean | undefined {
  const text = headers.get(SAMPLED)?.toLowerCase();
  if (text === "1" || text === "true") return true;
  return text === "0" || text === "false" ? false : undefined;
}

function flagsOf(headers: Headers): string | undefined {
  const text = headers.get(FLAGS);
  return text !== undefined && /^\d{1,19}$/.test(text) ? text : undefined;
}
