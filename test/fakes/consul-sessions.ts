/** A fake Consul's sessions: each ends when it was not renewed in time, and what it held is nobody's for a while. */
import { randomUUID } from "node:crypto";
import type { ConsulKv } from "./consul-kv.ts";

interface SessionRecord {
  readonly name: string;
  readonly ttlMs: number;
  readonly delayMs: number;
  timer: NodeJS.Timeout;
}

export class ConsulSessions implements Disposable {
  /** How long sessions last that ask for longer. */
  longestMs = Infinity;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #kv: ConsulKv;

  constructor(kv: ConsulKv) {
    this.#kv = kv;
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** As `/v1/session/list` writes it. */
  list(): readonly object[] {
    return [...this.#sessions].map(([id, { name }]) => ({ ID: id, Name: name, Node: "here" }));
  }

  /** Ends those whose name has `part` in it, as an administrator may. */
  end(part: string): void {
    for (const [id, { name }] of this.#sessions) if (name.includes(part)) this.#end(id);
  }

  /** What a PUT says, or `undefined` where it is about something else. */
  write(path: string, body: unknown): [number, string] | undefined {
    const [, , subject, verb, id = ""] = path.split("/");
    if (subject !== "session") return undefined;
    if (verb === "create") return [200, JSON.stringify({ ID: this.#create(body as Record<string, string>) })];
    if (verb === "destroy") {
      this.#end(id);
      return [200, "true"];
    }
    const session = this.#sessions.get(id);
    if (!session) return [404, `Session id '${id}' not found`];
    clearTimeout(session.timer);
    session.timer = this.#timer(id, session.ttlMs);
    return [200, "[]"];
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#sessions.values()) clearTimeout(timer);
  }

  #create({ Name: name = "", TTL: ttl = "", LockDelay: delay = "15s" }: Record<string, string>): string {
    const id = randomUUID();
    const ttlMs = Math.min(parseFloat(ttl) * 1_000, this.longestMs);
    this.#sessions.set(id, { name, ttlMs, delayMs: parseFloat(delay) * 1_000, timer: this.#timer(id, ttlMs) });
    return id;
  }

  #timer(id: string, ttlMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#end(id), ttlMs);
  }

  #end(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    clearTimeout(session.timer);
    this.#sessions.delete(id);
    this.#kv.release(id, session.delayMs);
  }
}
