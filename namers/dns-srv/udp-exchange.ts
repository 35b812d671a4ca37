/** One question over UDP, on a socket of its own: its port is as hard to guess as the system makes it. */
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "linkspan/plugin";

export interface ExchangeOptions<T> {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  readonly bytes: Uint8Array;
  /** Undefined for what is no answer to the question, which is passed over; throws for an answer that cannot be read. */
  readonly accept: (bytes: Uint8Array) => T | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Rejects with the system's error, ETIMEDOUT, or the signal's reason. Leaves nothing open. */
export async function askOverUdp<T>(options: ExchangeOptions<T>): Promise<T> {
  const { host, port, bytes, accept, timeoutMs, clock, signal } = options;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  const aborted = (): void => reject(signal.reason as Error);
  const late = (): void => reject(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: "ETIMEDOUT" }));
  const timer = clock.timer(timeoutMs, late);
  signal.addEventListener("abort", aborted, { once: true });
  socket.on("error", reject);
  socket.on("message", (message) => {
    try {
      const answer = accept(message);
      if (answer !== undefined) resolve(answer);
    } catch (error) {
      reject(new Error("the answer cannot be read", { cause: error }));
    }
  });
  // Connected, the system drops whatever comes from elsewhere, and tells when nobody listens there.
  socket.connect(port, host, () => socket.send(bytes, (error) => error && reject(error)));
  try {
    return await promise;
  } finally {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", aborted);
    socket.close();
  }
}
