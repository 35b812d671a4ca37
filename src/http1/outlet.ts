/**
 * The way out of one HTTP/1 connection. Short messages leave at the end of the turn of the event loop, one connection
 * after the other: whoever waits for them at the other end is woken by the first and finds the next ones there, where
 * between other work each of them would wake it anew (docs/adr/0026-short-messages-leave-together.md).
 */
import type { Socket } from "node:net";
import { outputTurn, type TurnEnd } from "../base/output-turn.ts";

/** As much as this leaves at once. */
const MOST = 16 * 1024;

export class Outlet implements TurnEnd {
  /** The other side does not take what was written. */
  isBlocked = false;
  /** Leaves at the end of the turn. */
  #text = "";
  #isAdded = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Has a whole message, which is latin1, leave at the end of the turn. */
  later(message: string): void {
    this.#text = this.#text === "" ? message : this.#text + message;
    if (this.#text.length >= MOST) return this.leave();
    if (this.#isAdded) return;
    this.#isAdded = true;
    outputTurn.add(this);
  }

  /** Writes behind what was to leave later. True: the bytes have left, and their memory may be used again at once. */
  write(bytes: Uint8Array): boolean {
    this.leave();
    if (!this.#socket.write(bytes)) this.isBlocked = true;
    return this.#socket.writableLength === 0;
  }

  /** What was to leave later leaves now: somebody else uses the socket, or ends it. */
  leave(): void {
    const text = this.#text;
    if (text === "") return;
    this.#text = "";
    if (!this.#socket.destroyed && !this.#socket.write(text, "latin1")) this.isBlocked = true;
  }

  /** What was to leave later does not. */
  discard(): void {
    this.#text = "";
  }

  endTurn(): void {
    this.#isAdded = false;
    this.leave();
  }
}
