/** How long a caller's connection lives: what it is waited for, and how it ends without losing a request. */
import { errorCode } from "./error-code.ts";
import { MAX_STREAM_ID } from "./frame.ts";
import type { Session } from "./session.ts";

/**
 * "open": takes streams. "warned": the caller was told that no more shall come, and some may be on their way.
 * "last": no more are taken.
 */
type State = "open" | "warned" | "last";

const NEVER = Number.POSITIVE_INFINITY;

export class DownstreamLife {
  #state: State = "open";
  /** Monotonic ms at which a warning is over. */
  #warnedUntil = NEVER;
  /** Monotonic ms since when the connection is without a stream, or -1. */
  #idleSince: number;
  /** Monotonic ms since when no frame or head was ended that had begun, or -1. */
  #withinSince = -1;
  #heardAt: number;
  #frames = 0;
  /** The stream of the head that was being read at the last look. */
  #head = 0;
  #closingSince = -1;
  readonly #session: Session;

  constructor(session: Session, now: number) {
    this.#session = session;
    this.#idleSince = now;
    this.#heardAt = now;
  }

  /** Whether a stream of that number is served: what comes behind the last one is for another connection. */
  takes(id: number): boolean {
    return this.#state !== "last" && id > 0;
  }

  /** RFC 9113 §6.8: warns, waits as long as a request may be on its way, and then names the last one. */
  drain(now: number): void {
    const { state, writer, control, settings } = this.#session;
    if (this.#state !== "open" || state !== "open") return;
    this.#state = "warned";
    this.#warnedUntil = now + settings.lingerMs;
    writer.goaway(MAX_STREAM_ID, errorCode.noError);
    control.ping(now);
  }

  /** What was on its way when the caller was warned has come. */
  ponged(): void {
    if (this.#state === "warned") this.#setLast();
  }

  /** The caller will close: it opens no more streams. */
  callerGoes(): void {
    if (this.#state !== "last") this.#setLast();
  }

  turnEnded(): void {
    if (this.#state === "last" && this.#session.streams.size === 0) this.#session.end();
  }

  /** `now` is monotonic ms. True: the connection has waited long enough, and is to be destroyed. */
  check(now: number): boolean {
    const session = this.#session;
    if (session.state !== "open") return this.#isClosingOver(now);
    session.control.check(now);
    if (now >= this.#warnedUntil) this.#setLast();
    this.#checkHead(now);
    this.#checkIdle(now);
    return false;
  }

  #setLast(): void {
    this.#state = "last";
    this.#warnedUntil = NEVER;
    this.#session.writer.goaway(this.#session.lastPeerId, errorCode.noError);
  }

  #isClosingOver(now: number): boolean {
    if (this.#closingSince < 0) this.#closingSince = now;
    return now - this.#closingSince >= this.#session.settings.lingerMs;
  }

  #checkHead(now: number): void {
    const { isWithin, head, frames, control, settings } = this.#session;
    const waits = isWithin || !control.hasSettings;
    const goesOn = head !== 0 && head === this.#head;
    this.#head = head;
    if (frames !== this.#frames) {
      this.#frames = frames;
      this.#heardAt = now;
      // A head has its time as a whole, in however many frames it comes.
      if (!goesOn) this.#withinSince = -1;
    }
    if (!waits) this.#withinSince = -1;
    else if (this.#withinSince < 0) this.#withinSince = now;
    else if (now - this.#withinSince >= settings.headTimeoutMs) {
      this.#session.fail(errorCode.enhanceYourCalm, "a frame or a head took too long");
    }
  }

  #checkIdle(now: number): void {
    const { streams, settings, control } = this.#session;
    if (streams.size > 0) {
      this.#idleSince = -1;
      // A caller that is gone without a word would hold its streams for good.
      if (now - this.#heardAt >= settings.pingAfterMs) control.ping(now);
    } else if (this.#idleSince < 0) this.#idleSince = now;
    else if (now - this.#idleSince >= settings.idleTimeoutMs) this.drain(now);
  }
}
