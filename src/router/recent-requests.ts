/** The last requests of a thread, each written into a place that was made at the start; read when somebody asks. */
import { type Address, addressKey } from "../base/address.ts";
import type { Decision, RequestRecord, WhyQuery } from "../base/request-record.ts";
import type { Clock } from "../base/time.ts";
import type { Exchange } from "../http/exchange.ts";
import { type RouterSlots, Verdict } from "./slots.ts";

/** Requests that went as they should, and, kept longer, those that did not. */
const KEPT = 4_096;
const KEPT_TROUBLED = 1_024;

/** The numbers of one record, by their columns. */
const column = { high: 0, low: 1, startedAt: 2, tookMs: 3, status: 4, verdict: 5, retries: 6 } as const;
const NUMBERS = 7;
/** Its references, by theirs. All but the caller and the decisions live longer than any request. */
const ref = {
  router: 0,
  server: 1,
  method: 2,
  name: 3,
  code: 4,
  address: 5,
  cluster: 6,
  decisions: 7,
  caller: 8,
} as const;
const REFS = 9;

/** Where a record was taken. */
export interface RecordPlace {
  readonly router: string;
  readonly server: string;
}

/** What is read of the endpoint of an attempt; nothing of it is kept but its address and the name of its cluster. */
interface Attempted {
  readonly address: Address;
  readonly cluster: { readonly id?: string };
}

export class RecentRequests {
  readonly #clock: Clock;
  readonly #slots: RouterSlots;
  readonly #well = new Ring(KEPT);
  readonly #troubled = new Ring(KEPT_TROUBLED);

  constructor(clock: Clock, slots: RouterSlots) {
    this.#clock = clock;
    this.#slots = slots;
  }

  /** Of an exchange that has ended, before it is used for another. */
  add(x: Exchange, { router, server }: RecordPlace): void {
    const { numbers, values } = x;
    const slots = this.#slots;
    const decisions = values[slots.decisions] as readonly Decision[] | undefined;
    const failure = x.failure ?? x.broken;
    const verdict = numbers[slots.verdict] as number;
    const isWell = failure === undefined && decisions === undefined && verdict !== Verdict.failure;
    const ring = isWell ? this.#well : this.#troubled;
    const at = ring.next();
    const number = at * NUMBERS;
    const row = ring.numbers;
    row[number + column.high] = numbers[slots.traceHigh] as number;
    row[number + column.low] = numbers[slots.traceLow] as number;
    row[number + column.startedAt] = x.startedAt;
    row[number + column.tookMs] = (x.endedAt || this.#clock.now()) - x.startedAt;
    row[number + column.status] = numbers[slots.answered] === 1 && failure?.status !== 0 ? x.response.status : 0;
    row[number + column.verdict] = verdict;
    row[number + column.retries] = numbers[slots.retries] as number;
    const refs = ring.refs;
    const of = at * REFS;
    refs[of + ref.router] = router;
    refs[of + ref.server] = server;
    refs[of + ref.method] = x.request.method;
    refs[of + ref.name] = values[slots.service];
    refs[of + ref.code] = failure?.code;
    const attempted = values[slots.endpoint] as Attempted | undefined;
    refs[of + ref.address] = attempted?.address;
    refs[of + ref.cluster] = attempted?.cluster.id;
    refs[of + ref.decisions] = decisions;
    refs[of + ref.caller] = x.remoteAddress;
  }

  /** The newest first. */
  view({ why: { id, share, limit } }: WhyQuery): readonly RequestRecord[] {
    if (id === undefined && share === undefined) return this.#read(this.#troubled, limit, () => true);
    const isAsked = id === undefined ? inShare(share ?? 1) : ofTrace(id);
    const found = [this.#troubled, this.#well].flatMap((ring) => this.#read(ring, limit, isAsked));
    return found.sort((a, b) => b.at - a.at).slice(0, limit);
  }

  #read(ring: Ring, limit: number, isAsked: IsAsked): RequestRecord[] {
    const found: RequestRecord[] = [];
    for (let back = 1; back <= ring.size && found.length < limit; back++) {
      const at = ring.back(back);
      if (isAsked(ring.numbers, at * NUMBERS)) found.push(this.#record(ring, at));
    }
    return found;
  }

  #record({ numbers, refs }: Ring, at: number): RequestRecord {
    const number = (of: number): number => numbers[at * NUMBERS + of] as number;
    const startedAt = number(column.startedAt);
    const reference = (of: number): unknown => refs[at * REFS + of];
    const text = (of: number): string | undefined => reference(of) as string | undefined;
    const [name, code, cluster] = [text(ref.name), text(ref.code), text(ref.cluster)];
    const caller = text(ref.caller) ?? "";
    const address = reference(ref.address) as Address | undefined;
    const decisions = (reference(ref.decisions) as readonly Decision[] | undefined) ?? [];
    return {
      id: idOf(number(column.high), number(column.low)),
      router: text(ref.router) ?? "",
      server: text(ref.server) ?? "",
      ...(caller === "" ? {} : { caller }),
      at: this.#clock.wall() - (this.#clock.now() - startedAt),
      method: text(ref.method) ?? "",
      ...(name === undefined ? {} : { name }),
      status: number(column.status),
      ...(code === undefined ? {} : { code }),
      class: classOf(number(column.verdict)),
      tookMs: number(column.tookMs),
      ...(address === undefined ? {} : { endpoint: addressKey(address) }),
      ...(cluster === undefined ? {} : { cluster }),
      retries: number(column.retries),
      requeues: decisions.filter(({ by, kind }) => by === "requeue" && kind === "again").length,
      decisions: decisions.map((decision) => ({ ...decision, at: decision.at - startedAt })),
    };
  }
}

/** Says of the record whose numbers begin at `from` whether it is wanted. */
type IsAsked = (numbers: Float64Array, from: number) => boolean;

function ofTrace(id: string): IsAsked {
  const high = Number.parseInt(id.slice(0, 8), 16);
  const low = Number.parseInt(id.slice(8), 16);
  return (numbers, from) => numbers[from + column.high] === high && numbers[from + column.low] === low;
}

/** By the id of the trace, so that all workers and all routers tell of the same traces. */
function inShare(share: number): IsAsked {
  return (numbers, from) => (numbers[from + column.low] as number) >>> 0 < share * 2 ** 32;
}

/** Places that are written over, the oldest first. */
class Ring {
  readonly numbers: Float64Array;
  readonly refs: unknown[];
  readonly #capacity: number;
  #written = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.numbers = new Float64Array(capacity * NUMBERS);
    this.refs = Array.from({ length: capacity * REFS }, () => undefined);
  }

  get size(): number {
    return Math.min(this.#written, this.#capacity);
  }

  next(): number {
    return this.#written++ % this.#capacity;
  }

  /** The place of the one so many writings ago; 1 for the last. */
  back(count: number): number {
    return (this.#written - count) % this.#capacity;
  }
}

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** As it is written in `l5d-reqid`; "" where there is none. */
export function idOf(high: number, low: number): string {
  return high === 0 && low === 0 ? "" : word(high) + word(low);
}

function classOf(verdict: number): RequestRecord["class"] {
  if (verdict === Verdict.success) return "success";
  if (verdict === Verdict.failure) return "failure";
  return verdict === Verdict.ignored ? "interrupted" : "unknown";
}
