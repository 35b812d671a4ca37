/** What a request must be like to take a route, and which route that is. */
import { type Exchange, type RequestMatch, RequestMatcher } from "linkspan/plugin";

/** Compares all but the host, which chooses the rules that are asked. */
export class MatchRule {
  readonly route: string;
  /** Whether the host is the name's second element. */
  readonly addHost: boolean;
  readonly #matcher: RequestMatcher;

  constructor(route: string, match: RequestMatch, addHost = false) {
    this.route = route;
    this.addHost = addHost;
    this.#matcher = new RequestMatcher(match);
  }

  /** In lower case; undefined for any. */
  get host(): string | undefined {
    return this.#matcher.host;
  }

  matches(x: Exchange): boolean {
    return this.#matcher.matchesButHost(x);
  }

  /** Whether it matches every request that `other` matches. */
  covers(other: MatchRule): boolean {
    return this.#matcher.covers(other.#matcher);
  }
}
