/** One watch at a fake API server: what is told to whom, in which bytes. */
import type { ServerResponse } from "node:http";
import { at, type HistoryEvent, RESOURCES, type StoredObject } from "./kubernetes-history.ts";
import type { Selector } from "./kubernetes-selectors.ts";

/** How events travel. */
export interface Delivery {
  /** Lines are cut into so many bytes; whole where it is not said. */
  pieceBytes: number | undefined;
  /** Events of one turn of the loop come in one piece. */
  joinsEvents: boolean;
  /** Each event comes twice. */
  repeatsEvents: boolean;
  /** Events happen, and nobody is told: what a watch must not do, and some cache in between does. */
  losesEvents: boolean;
}

export class FakeWatch {
  readonly allowsBookmarks: boolean;
  readonly resource: string;
  readonly #answer: ServerResponse;
  readonly #selects: Selector;
  readonly #delivery: Delivery;
  #isMute = false;
  #joined = "";

  constructor(parts: {
    readonly resource: string;
    readonly answer: ServerResponse;
    readonly selects: Selector;
    readonly delivery: Delivery;
    readonly allowsBookmarks: boolean;
  }) {
    this.resource = parts.resource;
    this.allowsBookmarks = parts.allowsBookmarks;
    this.#answer = parts.answer;
    this.#selects = parts.selects;
    this.#delivery = parts.delivery;
  }

  /** Tells nothing from now on, and does not end: the other end of a half-open connection. */
  mute(): void {
    this.#isMute = true;
  }

  /** What leaves the selection is deleted for who watches it, and what enters it is added. */
  hear({ resource, type, object, before, version }: HistoryEvent): void {
    if (resource !== this.resource || this.#delivery.losesEvents) return;
    const is = type !== "DELETED" && this.#selects(object);
    const was = before !== undefined && this.#selects(before);
    if (is) this.tell(was ? "MODIFIED" : "ADDED", object);
    else if (was) this.tell("DELETED", at(before, version));
  }

  tell(type: string, object: object): void {
    this.#write(`${JSON.stringify({ type, object })}\n`);
    if (this.#delivery.repeatsEvents && type !== "BOOKMARK") this.#write(`${JSON.stringify({ type, object })}\n`);
  }

  bookmark(version: number): void {
    if (!this.allowsBookmarks) return;
    const { group = "", kind } = RESOURCES[this.resource] ?? {};
    const metadata = { resourceVersion: `${version}`, creationTimestamp: null };
    this.tell("BOOKMARK", { kind, apiVersion: group === "" ? "v1" : `${group}/v1`, metadata });
  }

  /** What stands for an object in a watch that begins without a version. */
  add(object: StoredObject): void {
    if (this.#selects(object)) this.tell("ADDED", object);
  }

  raw(text: string): void {
    this.#write(text);
  }

  end(): void {
    this.#flush();
    this.#answer.end();
  }

  /** Without an end: the peer sees a reset. */
  cut(): void {
    const { socket } = this.#answer;
    if (socket?.writableEnded === true) socket.destroy();
    else socket?.resetAndDestroy();
  }

  #write(text: string): void {
    if (this.#isMute || this.#answer.destroyed) return;
    if (this.#joined === "") {
      if (!this.#delivery.joinsEvents) return this.#send(text);
      setImmediate(() => this.#flush());
    }
    // What was told before goes before.
    this.#joined += text;
  }

  #flush(): void {
    const text = this.#joined;
    this.#joined = "";
    if (text !== "") this.#send(text);
  }

  #send(text: string): void {
    const bytes = Buffer.from(text);
    const size = this.#delivery.pieceBytes ?? bytes.length;
    for (let from = 0; from < bytes.length; from += size) this.#answer.write(bytes.subarray(from, from + size));
  }
}
