/** Times of callers' TCP connections. */

export interface TcpSettings {
  /** From a connection's begin to the end of its TLS hello. */
  readonly helloTimeoutMs: number;
  /** How long a connection that is over is kept for its caller to take the last bytes, without one moving. */
  readonly lingerMs: number;
}

export const defaultTcpSettings: TcpSettings = Object.freeze({ helloTimeoutMs: 5_000, lingerMs: 60_000 });
