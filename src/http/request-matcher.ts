/** Whether a request is meant: compares the parts of its head that a configuration names. */
import type { Exchange } from "./exchange.ts";
import { hostOf } from "./host-name.ts";

/** What is not said matches every request. */
export interface RequestMatch {
  /** In lower case, without a port. */
  readonly host?: string;
  /** What ends with `/` is all that is below it; else that path, and all that is below it. */
  readonly path?: string;
  readonly method?: string | readonly string[];
  /** `*` for any value. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The value of a header that only has to be there. */
const ANY = "*";
const QUESTION_MARK = 0x3f;
const SLASH = 0x2f;

/** Compares without making anything, but for a host in capitals or with its port. */
export class RequestMatcher {
  readonly host: string | undefined;
  readonly #path: string;
  readonly #isFolder: boolean;
  readonly #methods: readonly string[] | undefined;
  readonly #names: readonly string[];
  readonly #values: readonly string[];

  constructor({ host, path = "", method, headers = {} }: RequestMatch) {
    this.host = host;
    this.#path = path;
    this.#isFolder = path === "" || path.endsWith("/");
    this.#methods = typeof method === "string" ? [method] : method;
    this.#names = Object.keys(headers).map((name) => name.toLowerCase());
    this.#values = Object.values(headers);
  }

  matches(x: Exchange): boolean {
    if (!this.matchesButHost(x)) return false;
    return this.host === undefined || hostOf(x.request.headers.get("host") ?? "") === this.host;
  }

  matchesButHost(x: Exchange): boolean {
    const { method, target } = x.request;
    if (!this.#matchesPath(target)) return false;
    if (this.#methods !== undefined && !this.#methods.includes(method)) return false;
    for (let at = 0; at < this.#names.length; at++) if (!this.#matchesHeader(x, at)) return false;
    return true;
  }

  /** Whether it matches every request that `other` matches. */
  covers(other: RequestMatcher): boolean {
    if (this.host !== undefined && this.host !== other.host) return false;
    if (!this.#coversPath(other.#path)) return false;
    if (this.#methods !== undefined && other.#methods?.every((each) => this.#methods?.includes(each)) !== true) {
      return false;
    }
    return this.#names.every((name, at) => {
      const theirs = other.#names.indexOf(name);
      return theirs >= 0 && (this.#values[at] === ANY || this.#values[at] === other.#values[theirs]);
    });
  }

  /** `/v2/` is everything below it; `/v2` that very path too, but not `/v20`. */
  #matchesPath(target: string): boolean {
    if (!target.startsWith(this.#path)) return false;
    if (this.#isFolder || target.length === this.#path.length) return true;
    const next = target.charCodeAt(this.#path.length);
    return next === SLASH || next === QUESTION_MARK;
  }

  #coversPath(path: string): boolean {
    if (this.#isFolder) return path.startsWith(this.#path);
    return path === this.#path || path.startsWith(`${this.#path}/`);
  }

  /** Whether one of the fields of that name has the value. */
  #matchesHeader(x: Exchange, rule: number): boolean {
    const { headers } = x.request;
    const name = this.#names[rule] as string;
    const value = this.#values[rule];
    for (let at = headers.find(name); at >= 0; at = headers.find(name, at + 1)) {
      if (value === ANY || headers.value(at) === value) return true;
    }
    return false;
  }
}
