/** Exchanges for tests of stages that look at no header, and the end of the chain that hears of them. */
import { Exchange, type Layout, type RequestHead, type Responder, type ResponseHead } from "../../src/http/exchange.ts";
import type { Headers } from "../../src/http/headers.ts";

const noHeaders: Headers = {
  size: 0,
  seen: 0,
  dropped: () => false,
  name: () => "",
  value: () => "",
  find: () => -1,
  get: () => undefined,
  drop: () => undefined,
  remove: () => undefined,
  append: () => undefined,
  appendLine: () => undefined,
  set: () => undefined,
};

export function plainExchange(layout: Layout, method = "GET", target = "/"): Exchange {
  const request: RequestHead = { version: 11, method, target, headers: noHeaders };
  const response: ResponseHead = { version: 11, status: 0, reason: "", headers: noHeaders };
  return new Exchange(request, response, layout);
}

/** Writes down what an exchange heard: `200`, a failure's code, `end`. */
export class Hearer implements Responder {
  readonly heard = new Map<Exchange, string[]>();
  respond(x: Exchange): void {
    this.#add(x, x.failure?.code ?? String(x.response.status));
  }
  finish(x: Exchange): void {
    this.#add(x, "end");
  }
  of(x: Exchange): readonly string[] {
    return this.heard.get(x) ?? [];
  }
  #add(x: Exchange, what: string): void {
    const heard = this.heard.get(x) ?? [];
    heard.push(what);
    this.heard.set(x, heard);
  }
}
