/** One question over TCP (RFC 7766), on a connection of its own. */
import type { Duplex } from "node:stream";
import type { Dialer } from "linkspan/plugin";
import type { ExchangeOptions } from "./udp-exchange.ts";

/** Rejects with the reason, ETIMEDOUT, or the signal's reason. Leaves nothing open. */
export async function askOverTcp<T>(options: ExchangeOptions<T> & { readonly dial: Dialer }): Promise<T> {
  const { host, port, bytes, accept, timeoutMs, clock, dial, signal } = options;
  signal.throwIfAborted();
  const late = new AbortController();
  const stop = AbortSignal.any([signal, late.signal]);
  const timeout = Object.assign(new Error(`no answer over TCP within ${timeoutMs} ms`), { code: "ETIMEDOUT" });
  const timer = clock.timer(timeoutMs, () => late.abort(timeout));
  let socket: Duplex | undefined;
  const aborted = (): void => void socket?.destroy(stop.reason as Error);
  stop.addEventListener("abort", aborted, { once: true });
  try {
    socket = await dial.connect(host, port, { timeoutMs }, stop);
    stop.throwIfAborted();
    socket.write(framed(bytes));
    for await (const message of messagesOf(socket)) {
      const answer = accept(message);
      if (answer !== undefined) return answer;
    }
    throw new Error("it closed the connection without an answer");
  } finally {
    timer[Symbol.dispose]();
    stop.removeEventListener("abort", aborted);
    socket?.destroy();
  }
}

function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Each has at most 64 KiB, since its length stands before it in two bytes. */
async function* messagesOf(socket: Duplex): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      yield rest.subarray(2, end);
      rest = rest.subarray(end);
    }
  }
}
