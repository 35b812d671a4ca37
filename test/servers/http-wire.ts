/** HTTP as a trouble proxy reads it along: a question that is answered wrongly never reaches the server. */
import { STATUS_CODES } from "node:http";
import type { Lie, MakeWire, Wire } from "./trouble-proxy.ts";

/** What `GET TARGET` is answered when everything seems gone; `undefined`: as the server answers it. */
export type EmptyAnswer = (target: string) => { readonly headers?: string; readonly body: string } | undefined;

const LARGEST_HEAD = 64 * 1024;

/** For requests without a body. */
export const httpWire =
  (empty: EmptyAnswer): MakeWire =>
  (lie) =>
    new HttpWire(lie, empty);

class HttpWire implements Wire {
  readonly #lie: () => Lie | undefined;
  readonly #empty: EmptyAnswer;
  #head = "";

  constructor(lie: () => Lie | undefined, empty: EmptyAnswer) {
    this.#lie = lie;
    this.#empty = empty;
  }

  said(bytes: Buffer, answer: (bytes: Buffer) => void): Buffer | undefined {
    const lie = this.#lie();
    if (lie === undefined || lie === "truncated") return bytes;
    this.#head += bytes.toString("latin1");
    if (this.#head.length > LARGEST_HEAD) throw new Error("the head of a request has no end");
    if (!this.#head.includes("\r\n\r\n")) return undefined;
    const head = this.#head;
    this.#head = "";
    const said = this.#wrong(lie, head.split(" ")[1] ?? "/");
    if (said === undefined) return Buffer.from(head, "latin1");
    answer(Buffer.from(said, "latin1"));
    return undefined;
  }

  answered(bytes: Buffer): { readonly bytes: Buffer; readonly broken?: boolean } {
    if (this.#lie() !== "truncated") return { bytes };
    return { bytes: bytes.subarray(0, bytes.length >> 1), broken: true };
  }

  #wrong(lie: Exclude<Lie, "truncated">, target: string): string | undefined {
    if (lie === "empty") {
      const empty = this.#empty(target);
      return empty && message(200, empty.body, empty.headers);
    }
    return message(Number(lie), "it cannot be", lie === "429" ? "retry-after: 1\r\n" : "");
  }
}

function message(status: number, body: string, headers = ""): string {
  const about = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${about}${headers}\r\n${body}`;
}
