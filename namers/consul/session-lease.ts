/** A session of Consul's that is renewed while it is needed, and made anew when it is gone. */
import { type Clock, sleep } from "linkspan/plugin";
import type { WriteCalls } from "./write-calls.ts";

export interface SessionLeaseOptions {
  readonly calls: WriteCalls;
  readonly name: string;
  readonly ttlSeconds: number;
  readonly lockDelaySeconds: number;
  /** Between two renewals that went well, and after one that did not. */
  readonly everyMs: number;
  readonly clock: Clock;
  /**
   * After each renewal, with the session that lives, and when that was asked, monotonic: from then on it lives
   * `ttlSeconds` at least, unless somebody ends it. `isNew` until it once resolved for that session.
   */
  readonly renewed: (session: string, askedAt: number, isNew: boolean, signal: AbortSignal) => Promise<void>;
  /** It was gone, or nobody answers. */
  readonly failed: (cause: Error) => void;
}

export class SessionLease implements AsyncDisposable {
  readonly #options: SessionLeaseOptions;
  readonly #end = new AbortController();
  readonly #loop: Promise<void>;
  #opening: Promise<string> | undefined;
  #session: string | undefined;
  #isNew = true;

  /** Begins at once. */
  constructor(options: SessionLeaseOptions) {
    this.#options = options;
    this.#loop = this.#keep(this.#end.signal).catch(() => undefined);
  }

  /** The session, made if there is none. */
  async session(): Promise<string> {
    if (this.#session !== undefined) return this.#session;
    const { calls, name, ttlSeconds, lockDelaySeconds } = this.#options;
    this.#opening ??= calls
      .openSession({ name, ttlSeconds, lockDelaySeconds }, this.#end.signal)
      .finally(() => (this.#opening = undefined));
    this.#session = await this.#opening;
    return this.#session;
  }

  /** The one that there is. */
  get current(): string | undefined {
    return this.#session;
  }

  /** Leaves the session to its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("the session is not renewed any more"));
    await this.#loop;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock, everyMs, failed } = this.#options;
    for (;;) {
      try {
        await this.#renew(signal);
      } catch (error) {
        if (signal.aborted) return;
        failed(error as Error);
      }
      await sleep(clock, everyMs, signal);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { calls, clock, renewed } = this.#options;
    let askedAt = clock.now();
    if (this.#session !== undefined && !(await calls.renewSession(this.#session, signal))) {
      this.#session = undefined;
      this.#isNew = true;
      askedAt = clock.now();
    }
    const session = await this.session();
    await renewed(session, askedAt, this.#isNew, signal);
    this.#isNew = false;
  }
}
