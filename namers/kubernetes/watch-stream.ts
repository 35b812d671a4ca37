/** One watch of the API server: from its first byte until it ends, properly or not. */
import { type Clock, LineReader } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { errorOf } from "./api-error.ts";
import { type ApiPlace, ask, whatOf } from "./api-place.ts";
import { type ApiObject, fieldsOf, isFields, textOf } from "./json-fields.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";

export interface WatchedEvent {
  readonly type: EventType;
  readonly object: ApiObject;
}

/** Objects are at most 1.5 MB, as etcd takes them, unless somebody allowed more. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
/** An event that has begun and does not end: what trickles is as good as silent. */
const EVENT_LIMIT_MS = 30_000;
/** A server that watches says so at once. */
const HEAD_LIMIT_MS = 10_000;
/** Until it is clear whether the server watches: a refusal, too, may trickle. */
const ACCEPT_LIMIT_MS = 20_000;
/** How much longer than it was asked for a server may let a watch go on. */
const OVERTIME_MS = 30_000;

export interface WatchStreamOptions {
  readonly access: ApiAccess;
  readonly place: ApiPlace;
  /** Tells what happened after this version. */
  readonly version: string;
  /** When the server is to end it. */
  readonly timeoutSeconds: number;
  /** Who says nothing for longer is not there any more. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The server tells events from now on. */
  accepted(): void;
  /** Those that came together, in their order. */
  heard(events: readonly WatchedEvent[]): void;
}

/**
 * Resolves when the server ended the watch in its time: the next one may go on from the last version. Rejects with an
 * ApiError where it refused the watch or told an error, otherwise with the reason why nothing is known of what followed.
 */
export async function followWatch(options: WatchStreamOptions): Promise<void> {
  const { access, place, version, timeoutSeconds, silenceMs, clock, signal } = options;
  const end = new Cutter(clock, signal);
  try {
    const query = {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: version,
      timeoutSeconds: `${timeoutSeconds}`,
    };
    end.after(ACCEPT_LIMIT_MS, `${whatOf(access, place)}: the watch is not answered`);
    const limits = { headTimeoutMs: Math.min(silenceMs, HEAD_LIMIT_MS), idleTimeoutMs: silenceMs };
    using answer = await ask(access, place, { query, signal: end.signal, ...limits });
    options.accepted();
    end.after(timeoutSeconds * 1000 + OVERTIME_MS, `${whatOf(access, place)}: the watch does not end`);
    await read(options, answer.body, end);
  } finally {
    end[Symbol.dispose]();
  }
}

async function read(options: WatchStreamOptions, body: AsyncIterable<Uint8Array>, end: Cutter): Promise<void> {
  const what = whatOf(options.access, options.place);
  const lines = new LineReader(MAX_EVENT_BYTES);
  for await (const bytes of body) {
    const whole = lines.push(bytes);
    if (whole.length > 0 || !lines.isWithin) end.isWhole();
    if (whole.length > 0) hear(options, whole, what);
    if (lines.isWithin) end.isWithin(`${what}: an event does not end`);
  }
  if (lines.isWithin) throw new Error(`${what}: the watch ended within an event`);
}

function hear({ heard }: WatchStreamOptions, lines: readonly string[], what: string): void {
  const events: WatchedEvent[] = [];
  try {
    for (const line of lines) events.push(eventOf(line, what));
  } finally {
    // What came before an error did happen.
    if (events.length > 0) heard(events);
  }
}

function eventOf(line: string, what: string): WatchedEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new Error(`${what}: an event is no JSON`, { cause: error });
  }
  const { type, object } = fieldsOf(event);
  if (!isFields(object)) throw new Error(`${what}: an event has no object`);
  if (type === "ERROR") throw errorOf(what, object);
  if (type === "ADDED" || type === "MODIFIED" || type === "DELETED" || type === "BOOKMARK") return { type, object };
  throw new Error(`${what}: an event is ${textOf(type) ?? "of no type"}`);
}

/** Ends a watch that its server does not end. */
class Cutter implements Disposable {
  readonly #clock: Clock;
  readonly #owner: AbortSignal;
  readonly #abort = new AbortController();
  readonly #ownerEnds = (): void => this.#abort.abort(this.#owner.reason);
  #overall: Disposable | undefined;
  #event: Disposable | undefined;

  constructor(clock: Clock, owner: AbortSignal) {
    this.#clock = clock;
    this.#owner = owner;
    owner.throwIfAborted();
    owner.addEventListener("abort", this.#ownerEnds, { once: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  after(ms: number, why: string): void {
    this.#overall?.[Symbol.dispose]();
    this.#overall = this.#clock.timer(ms, () => this.#abort.abort(new Error(why)));
  }

  isWithin(why: string): void {
    this.#event ??= this.#clock.timer(EVENT_LIMIT_MS, () => this.#abort.abort(new Error(why)));
  }

  isWhole(): void {
    this.#event?.[Symbol.dispose]();
    this.#event = undefined;
  }

  [Symbol.dispose](): void {
    this.isWhole();
    this.#overall?.[Symbol.dispose]();
    this.#owner.removeEventListener("abort", this.#ownerEnds);
  }
}
