/** What one side of a connection has told the other, and since when the other is known to have read it. */
import { S, type Setting } from "./h2-frames.ts";

/** Settings that bind the judged side; "at most" of what was said and may still hold. */
export class Ledger {
  /** Frames that were sent to the judged side. */
  sent = 0;
  /** Of these it is known to have read so many: it has answered a PING or SETTINGS that came behind them. */
  read = 0;
  readonly #settings: { readonly at: number; readonly pairs: readonly Setting[] }[] = [];
  readonly #pings: { readonly at: number; readonly payload: string }[] = [];
  /** In force for sure. */
  readonly #held = new Map<number, number>([
    [S.HEADER_TABLE_SIZE, 4096],
    [S.INITIAL_WINDOW_SIZE, 65_535],
    [S.MAX_FRAME_SIZE, 16_384],
    [S.MAX_CONCURRENT_STREAMS, Infinity],
  ]);

  /** The value that the judged side has acknowledged, or what the RFC starts with. */
  held(key: number): number {
    return this.#held.get(key) ?? 0;
  }

  /** The most that it may go by now: what it was told and did not acknowledge may hold already. */
  most(key: number): number {
    const told = this.#settings.flatMap(({ pairs }) =>
      pairs.filter(([each]) => each === key).map(([, value]) => value),
    );
    return Math.max(this.held(key), ...told);
  }

  settingsSent(pairs: readonly Setting[]): void {
    this.#settings.push({ at: this.sent, pairs });
  }

  pingSent(payload: Buffer): void {
    this.#pings.push({ at: this.sent, payload: payload.toString("latin1") });
  }

  /** The pairs that were acknowledged; undefined where none were waiting. */
  settingsAcknowledged(): readonly Setting[] | undefined {
    const first = this.#settings.shift();
    if (!first) return undefined;
    this.read = Math.max(this.read, first.at);
    for (const [key, value] of first.pairs) this.#held.set(key, value);
    return first.pairs;
  }

  /** Whether it answers the PING that waits for longest. */
  pingAnswered(payload: Buffer): boolean {
    const first = this.#pings.shift();
    if (first === undefined || first.payload !== payload.toString("latin1")) return false;
    this.read = Math.max(this.read, first.at);
    return true;
  }

  get unacknowledged(): number {
    return this.#settings.length;
  }
}

/** One stream as the judge sees it. `their` is the judged side. */
export class JudgedStream {
  readonly id: number;
  /** What the judged side may still send. */
  window: number;
  /** What it lets us send. */
  ourWindow: number;
  /** The method of the request, which says whether an answer has a body. */
  method = "";
  head: readonly (readonly [string, string])[] | undefined = undefined;
  interims: (readonly (readonly [string, string])[])[] = [];
  trailers: readonly (readonly [string, string])[] | undefined = undefined;
  readonly chunks: Buffer[] = [];
  length = 0;
  /** It has sent END_STREAM. */
  hasEnded = false;
  /** The code of its RST_STREAM. */
  reset: number | undefined = undefined;
  /** After how many frames of ours the stream was over for us, by END_STREAM of both or by RST_STREAM. */
  weEndedAt: number | undefined = undefined;
  weResetAt: number | undefined = undefined;
  /** DATA or HEADERS were sent on it when it was closed, for one side at least. */
  wasAbused = false;

  constructor(id: number, window: number, ourWindow: number) {
    this.id = id;
    this.window = window;
    this.ourWindow = ourWindow;
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  get isOver(): boolean {
    return this.reset !== undefined || (this.hasEnded && this.weEndedAt !== undefined);
  }
}
