/** Who has called a route since somebody asked last: the addresses of connections, and what their certificates showed. */
import { callerKey, type RouteCaller } from "../base/bound-routes.ts";
import type { Exchange } from "../http/exchange.ts";

/** Of one route until somebody asks; who asks does so every half minute. */
const MOST_CALLERS = 50;

interface TakenCallers {
  readonly callers: readonly RouteCaller[];
  readonly left: number;
}

/** Of most routes, each time: there are thousands of them. */
const NOBODY: TakenCallers = { callers: [], left: 0 };

/** A connection is noted with its first exchange on the route, and once more when it has been asked since. */
export class RouteCallers {
  #mark: object = {};
  /** There once somebody called. */
  #callers: Map<string, RouteCaller> | undefined;
  #left = 0;

  /** On the way of every exchange: no more than a look at the connection, if that is noted. */
  note(x: Exchange): void {
    if (x.caller?.notedBy === this.#mark) return;
    this.#add(x);
  }

  /** Begins anew. `left`: connections that had no room. */
  take(): TakenCallers {
    if (this.#callers === undefined) return NOBODY;
    const taken = { callers: [...this.#callers.values()], left: this.#left };
    this.#callers = undefined;
    this.#left = 0;
    this.#mark = {};
    return taken;
  }

  #add({ caller, remoteAddress, proof }: Exchange): void {
    if (caller !== undefined) caller.notedBy = this.#mark;
    if (remoteAddress === "") return;
    const certificate = proof?.id ?? "";
    const seen = { address: remoteAddress, ...(certificate === "" ? {} : { certificate }) };
    const key = callerKey(seen);
    const callers = (this.#callers ??= new Map());
    if (callers.has(key)) return;
    if (callers.size >= MOST_CALLERS) this.#left++;
    else callers.set(key, seen);
  }
}
