/** Asks an HTTP proxy for a way to somewhere, by CONNECT (RFC 9110 §9.3.6). */
import type { Duplex } from "node:stream";
import type { HttpProxy } from "../base/http.ts";

/** A proxy's answer to CONNECT may not be longer. */
const MAX_PROXY_ANSWER = 16_384;

/**
 * Resolves when the proxy has opened it, with how many bytes came from there with its answer. Rejects with the reason;
 * closing the socket is the caller's then.
 */
export function proxyTunnel(
  socket: Duplex,
  { authorization }: Pick<HttpProxy, "authorization">,
  target: string,
): Promise<number> {
  const credentials = authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
  return new Promise((resolve, reject) => {
    let answer = "";
    const settle = (outcome: () => void): void => {
      for (const [event, listener] of listeners) socket.off(event, listener);
      outcome();
    };
    const read = (): void => {
      for (let bytes = socket.read() as Buffer | null; bytes !== null; bytes = socket.read() as Buffer | null) {
        answer += bytes.toString("latin1");
        const end = answer.indexOf("\r\n\r\n");
        if (end < 0 && answer.length <= MAX_PROXY_ANSWER) continue;
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
        if (end < 0 || status === undefined) return settle(() => reject(new Error("the proxy does not speak HTTP")));
        if (!status.startsWith("2")) return settle(() => reject(new Error(`the proxy answered ${status} to CONNECT`)));
        return settle(() => resolve(answer.length - end - 4));
      }
    };
    const failed = (error: Error): void => settle(() => reject(error));
    const closed = (): void => settle(() => reject(new Error("the proxy closed the connection")));
    const listeners = [
      ["readable", read],
      ["error", failed],
      ["close", closed],
    ] as const;
    for (const [event, listener] of listeners) socket.on(event, listener);
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`);
  });
}
