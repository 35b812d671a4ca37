/** Makes a line of each request and its answer, in the combined format as Linkerd 1 wrote it. */
import type { Clock } from "../../base/time.ts";
import type { Exchange, Layout } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";

/** Keeps what the stages below may change; claimed where a router has an access log. */
export class AccessLogSlots {
  /** The host that was asked for. */
  readonly host: number;
  /** The target, until there is a line of it. */
  readonly target: number;

  constructor(layout: Layout) {
    this.host = layout.value();
    this.target = layout.value();
  }
}

export interface AccessLogFilterParts {
  readonly kept: AccessLogSlots;
  readonly clock: Clock;
  /** Linkerd 1's two routers wrote the zone and the length in ways of their own. */
  readonly style: "http" | "h2";
  /** Takes the line, latin1 with its end, and returns at once. */
  readonly write: (line: string) => void;
}

const VERSIONS = { 10: "HTTP/1.0", 11: "HTTP/1.1", 20: "HTTP/2" } as const;

/** What a caller gets who left before he was answered: nothing; read as servers of files have it. */
const LEFT = 499;

/** What would end a field, or the line. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNSAFE = /["\\\u0000-\u001f\u007f]/;

export class AccessLogFilter extends Filter {
  readonly #parts: AccessLogFilterParts;
  #second = -1;
  #date = "";

  constructor(parts: AccessLogFilterParts) {
    super();
    this.#parts = parts;
  }

  override dispatch(x: Exchange): void {
    const { kept } = this.#parts;
    x.values[kept.host] = x.request.headers.get("host");
    x.values[kept.target] = x.request.target;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const isSilent = x.failure?.status === 0;
    if (!isSilent) this.#log(x, x.response.status, this.#lengthOf(x));
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    if (x.values[this.#parts.kept.target] !== undefined) this.#log(x, LEFT, "-");
    this.prev.finish(x);
  }

  #log({ request, remoteAddress, values }: Exchange, status: number, length: string): void {
    const { kept, write } = this.#parts;
    const { headers, method, version } = request;
    const host = safe(values[kept.host] as string | undefined);
    const first = `${method} ${safe(values[kept.target] as string)} ${VERSIONS[version]}`;
    const rest = `${status} ${length} "${safe(headers.get("referer"))}" "${safe(headers.get("user-agent"))}"`;
    values[kept.target] = undefined;
    write(`${host} ${remoteAddress || "-"} - - [${this.#now()}] "${first}" ${rest}\n`);
  }

  #lengthOf({ response, responseBody, failure }: Exchange): string {
    if (this.#parts.style === "h2") return "-";
    return response.headers.get("content-length") ?? (failure === undefined ? "-" : String(responseBody.length));
  }

  /** Made once a second. */
  #now(): string {
    const wall = this.#parts.clock.wall();
    const second = Math.floor(wall / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      const [, year = "", month = "", day = "", time = ""] =
        /^(\d+)-(\d\d)-(\d\d)T([\d:]+)/.exec(new Date(wall).toISOString()) ?? [];
      this.#date = `${day}/${month}/${year}:${time} ${this.#parts.style === "h2" ? "+0000" : "UTC"}`;
    }
    return this.#date;
  }
}

function safe(text: string | undefined): string {
  if (text === undefined || text === "") return "-";
  return UNSAFE.test(text) ? text.replaceAll(new RegExp(UNSAFE, "g"), escaped) : text;
}

function escaped(letter: string): string {
  if (letter === '"' || letter === "\\") return `\\${letter}`;
  return `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
