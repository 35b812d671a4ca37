/** What a session is to the servers: its id, its password, and the last change it has seen. */
import type { ConnectRequest, ConnectResponse } from "./records.ts";

/** So many refusals for each server, and we show a server no zxid: it then says itself whether it knows the session. */
const REFUSALS_PER_SERVER = 3;
const NO_PASSWORD = Buffer.alloc(16);

/** As in the server's log. */
export const sessionName = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`;

export class SessionIdentity {
  readonly #patience: number;
  #id = 0n;
  #password: Buffer = NO_PASSWORD;
  #timeoutMs = 0;
  #readOnly = false;
  #borrowed = false;
  #lastZxid = 0n;
  #armFrom: bigint | undefined;
  #refusals = 0;
  #renewed = false;

  constructor(servers: number) {
    this.#patience = REFUSALS_PER_SERVER * servers;
  }

  get exists(): boolean {
    return this.#id !== 0n;
  }

  /** Whether the server of the session has no quorum. */
  get readOnly(): boolean {
    return this.#readOnly;
  }

  /** Whether a server without a quorum made the session: no other knows it. */
  get borrowed(): boolean {
    return this.#borrowed;
  }

  /** Hexadecimal, as in the server's log. */
  get name(): string {
    return sessionName(this.#id);
  }

  /**
   * From which change on watches are to be told when they are armed again. That stays until `armed`: replies that come
   * while only some are armed speak of later changes, which the others have not been told of.
   */
  armFrom(): bigint {
    this.#armFrom ??= this.#lastZxid;
    return this.#armFrom;
  }

  /** All watches are. */
  armed(): void {
    this.#armFrom = undefined;
  }

  request(timeoutMs: number, readOnly: boolean): ConnectRequest {
    return { lastZxid: this.#lastZxid, timeoutMs, sessionId: this.#id, password: this.#password, readOnly };
  }

  granted(response: ConnectResponse): void {
    this.#borrowed = response.readOnly && (this.#borrowed || response.sessionId !== this.#id);
    this.#id = response.sessionId;
    this.#password = response.password;
    this.#timeoutMs = response.timeoutMs;
    this.#readOnly = response.readOnly;
    this.#refusals = 0;
  }

  /** What to say of a connection that is ready; the session is a known one from then on. */
  opened(): { sessionId: string; timeoutMs: number; readOnly: boolean; renewed: boolean } {
    const renewed = this.#renewed;
    this.#renewed = false;
    return { sessionId: this.name, timeoutMs: this.#timeoutMs, readOnly: this.#readOnly, renewed };
  }

  saw(zxid: bigint): void {
    this.#lastZxid = zxid;
  }

  /**
   * A server closed the connection at our greeting. It does so while it elects a leader, and for ever when it has seen
   * less than we have, as after its data was wiped. Whether that has gone on for so long that the zxid is now dropped.
   */
  refused(): boolean {
    this.#refusals++;
    if (this.#lastZxid === 0n || this.#refusals < this.#patience) return false;
    this.#lastZxid = 0n;
    this.#armFrom = 0n;
    return true;
  }

  expired(): void {
    this.#id = 0n;
    this.#borrowed = false;
    this.#password = NO_PASSWORD;
    this.#refusals = 0;
    this.#armFrom = undefined;
    this.#renewed = true;
  }
}
