/** What the admin port needs to answer why a name goes where it goes. */
import type { RouterConfig } from "../config/config.ts";
import type { AskedRequest, Identified } from "../naming/asked-request.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";

export interface ExplainSource {
  /** Those that run, in the order of the configuration. */
  routers(): readonly RouterConfig[];
  /** The one that binds the router's names. */
  interpreterFor(router: RouterConfig): Interpreter;
  /** What lies over the dtab of the router now, and would over another one. */
  overlay(router: RouterConfig): Dtab;
  /** The namers alone, without a dtab. */
  namersAlone(): Interpreter;
  /** What the router would take a request for; `undefined` where no thread of it answers in time. */
  identify(router: RouterConfig, request: AskedRequest): Promise<Identified | undefined>;
}
