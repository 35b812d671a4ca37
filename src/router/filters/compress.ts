/** Sends answers as gzip to callers that accept it (RFC 9110 §8.4.1.3, §12.5.3). */
import type { Failure } from "../../base/failure.ts";
import { hasNoBody, opensTunnel } from "../../http/answer-body.ts";
import type { Exchange, Holder } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { GzipBody } from "../../http/gzip-body.ts";
import { isGrpc } from "../../http/grpc.ts";
import type { Headers } from "../../http/headers.ts";
import type { RouterSlots } from "../slots.ts";

/** Of the level that compresses text only. */
const TEXT_ONLY = -1;
const STANDARD_LEVEL = 6;

const TEXT =
  /^(?:text\/|image\/svg\+xml|application\/(?:atom\+xml|javascript|json|rss\+xml|x-javascript|xhtml\+xml|xml)\b)/i;

/** -1: text, at the usual level; 1 to 9: whatever is not compressed yet. */
export class Compress extends Filter implements Holder {
  readonly #slot: number;
  readonly #level: number;
  /** Exchanges that are over but for the rest of their answer. */
  readonly #waiting = new Set<Exchange>();

  constructor(slots: RouterSlots, level: number) {
    super();
    this.#slot = slots.gzip;
    this.#level = level;
  }

  override respond(x: Exchange): void {
    if (x.failure === undefined && this.#isFor(x)) this.#compress(x);
    this.prev.respond(x);
  }

  /** What is below is done with the answer; the caller may not have all of it yet. */
  override finish(x: Exchange): void {
    const body = x.values[this.#slot] as GzipBody | undefined;
    if (body === undefined || body.isOver) return this.#end(x);
    x.holder = this;
    this.#waiting.add(x);
  }

  cancel(x: Exchange, failure: Failure): void {
    x.broken ??= failure;
    this.abandon(x);
  }

  abandon(x: Exchange): void {
    (x.values[this.#slot] as GzipBody | undefined)?.abandon();
  }

  #compress(x: Exchange): void {
    const { headers } = x.response;
    const level = this.#level === TEXT_ONLY ? STANDARD_LEVEL : this.#level;
    const body = new GzipBody(x.responseBody, level, () => {
      if (this.#waiting.delete(x)) this.#end(x);
    });
    x.values[this.#slot] = body;
    x.responseBody = body;
    headers.remove("content-length");
    headers.remove("accept-ranges");
    headers.append("content-encoding", "gzip");
    headers.append("vary", "accept-encoding");
    const tag = headers.get("etag");
    if (tag !== undefined && !tag.startsWith("W/")) headers.set("etag", `W/${tag}`);
  }

  #end(x: Exchange): void {
    x.values[this.#slot] = undefined;
    this.prev.finish(x);
  }

  #isFor(x: Exchange): boolean {
    const { request, response } = x;
    const { headers, status } = response;
    if (x.responseBody.length === 0 || hasNoBody(request.method, status) || opensTunnel(x)) return false;
    if (status === 206 || headers.find("content-encoding") >= 0 || isGrpc(headers)) return false;
    if (/\bno-transform\b/i.test(headers.get("cache-control") ?? "")) return false;
    if (this.#level === TEXT_ONLY && !TEXT.test(headers.get("content-type") ?? "")) return false;
    return acceptsGzip(request.headers);
  }
}

function acceptsGzip(headers: Headers): boolean {
  let others = false;
  for (let at = headers.find("accept-encoding"); at >= 0; at = headers.find("accept-encoding", at + 1)) {
    for (const element of headers.value(at).split(",")) {
      const [coding = "", ...parameters] = element.split(";").map((part) => part.trim().toLowerCase());
      const accepts = !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
      if (coding === "gzip" || coding === "x-gzip") return accepts;
      if (coding === "*") others = accepts;
    }
  }
  return others;
}
