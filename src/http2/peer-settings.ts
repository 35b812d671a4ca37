/** What the other side of a connection has said in its SETTINGS (RFC 9113 §6.5.2). */
import { errorCode } from "./error-code.ts";
import { INITIAL_WINDOW, LEAST_FRAME_BYTES, MAX_WINDOW, uint32 } from "./frame.ts";

export const setting = Object.freeze({
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  enableConnectProtocol: 8,
});

const BYTES_EACH = 6;
const MAX_FRAME_BYTES = 2 ** 24 - 1;

export class PeerSettings {
  headerTableSize = 4096;
  maxConcurrentStreams = Number.POSITIVE_INFINITY;
  initialWindow = INITIAL_WINDOW;
  maxFrameBytes = LEAST_FRAME_BYTES;
  enablesConnect = false;
  readonly #isServer: boolean;

  /** `isServer`: they are those of a server. */
  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  /** Returns an error code, or 0. */
  read(bytes: Uint8Array, from: number, to: number): number {
    if ((to - from) % BYTES_EACH !== 0) return errorCode.frameSizeError;
    for (let at = from; at < to; at += BYTES_EACH) {
      const id = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      const flaw = this.#set(id, uint32(bytes, at + 2));
      if (flaw !== 0) return flaw;
    }
    return 0;
  }

  #set(id: number, value: number): number {
    if (id === setting.headerTableSize) this.headerTableSize = value;
    else if (id === setting.enablePush) {
      if (value > 1 || (this.#isServer && value === 1)) return errorCode.protocolError;
    } else if (id === setting.maxConcurrentStreams) this.maxConcurrentStreams = value;
    else if (id === setting.initialWindowSize) {
      if (value > MAX_WINDOW) return errorCode.flowControlError;
      this.initialWindow = value;
    } else if (id === setting.maxFrameSize) {
      if (value < LEAST_FRAME_BYTES || value > MAX_FRAME_BYTES) return errorCode.protocolError;
      this.maxFrameBytes = value;
    } else if (id === setting.enableConnectProtocol) {
      // RFC 8441 §3: what was allowed once is not taken back.
      if (value > 1 || (this.enablesConnect && value === 0)) return errorCode.protocolError;
      this.enablesConnect = value === 1;
    }
    return 0;
  }
}
