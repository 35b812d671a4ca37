/** Links what answers at the admin port why a name goes where it goes: the interpreters that requests are bound by. */
import type { ExplainSource } from "./admin/explain-source.ts";
import type { Config, RouterConfig } from "./config/config.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import type { World } from "./naming-root.ts";
import { identifyBy } from "./request-probe.ts";

export interface ExplainParts {
  /** The one that runs. */
  readonly config: () => Config;
  readonly interpreterFor: (router: RouterConfig) => Interpreter;
  readonly namersAlone: () => Interpreter;
  readonly world: World;
}

export function explainSource({ config, interpreterFor, namersAlone, world }: ExplainParts): ExplainSource {
  return {
    routers: () => config().routers,
    interpreterFor,
    namersAlone,
    identify: (router, request) => identifyBy(config(), router, world, request),
  };
}
