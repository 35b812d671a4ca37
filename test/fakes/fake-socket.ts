/** A socket without a network: what is written to it is kept, what it hears is emitted by the test. */
import net from "node:net";
import { outputTurn } from "../../src/base/output-turn.ts";

export class FakeSocket extends net.Socket {
  #written = "";
  #writes = 0;
  paused = 0;
  resumed = 0;
  wasEnded = false;
  wasReset = false;
  /** Bytes are kept waiting, as by a peer that does not read. */
  isFull = false;
  #waiting = 0;

  constructor() {
    super({ allowHalfOpen: true });
    Object.defineProperty(this, "writableLength", { get: () => this.#waiting });
  }

  /** What has come by the end of the turn. */
  get written(): string {
    outputTurn.end();
    return this.#written;
  }

  set written(text: string) {
    outputTurn.end();
    this.#written = text;
  }

  /** Of this turn too. */
  get writes(): number {
    outputTurn.end();
    return this.#writes;
  }

  override write(bytes: Uint8Array | string): boolean {
    this.#written += typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
    this.#writes++;
    if (this.isFull) this.#waiting += bytes.length;
    return !this.isFull;
  }

  /** The peer reads again. */
  drain(): void {
    this.isFull = false;
    this.#waiting = 0;
    this.emit("drain");
  }

  override pause(): this {
    this.paused++;
    return this;
  }

  override resume(): this {
    this.resumed++;
    return this;
  }

  override end(done?: unknown): this {
    this.wasEnded = true;
    if (typeof done === "function") done();
    return this;
  }

  override resetAndDestroy(): this {
    this.wasReset = true;
    return this.destroy();
  }

  /** The peer sends. */
  receive(bytes: string): void {
    this.emit("data", Buffer.from(bytes, "latin1"));
  }
}
