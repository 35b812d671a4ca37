/** The sessions that endpoints gave, to be resumed: a handshake without certificates costs a tenth. */

const MAX_SESSIONS = 1000;

export class SessionCache {
  /** The one that was used longest ago first. */
  readonly #sessions = new Map<string, Buffer>();

  get size(): number {
    return this.#sessions.size;
  }

  get(key: string): Buffer | undefined {
    return this.#sessions.get(key);
  }

  set(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size >= MAX_SESSIONS && !oldest.done) this.#sessions.delete(oldest.value);
    this.#sessions.set(key, session);
  }

  delete(key: string): void {
    this.#sessions.delete(key);
  }

  clear(): void {
    this.#sessions.clear();
  }
}
