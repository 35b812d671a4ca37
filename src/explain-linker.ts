/** Links what answers at the admin port why a name goes where it goes: the interpreters that requests are bound by. */
import type { ExplainSource } from "./admin/explain-source.ts";
import type { Config, RouterConfig } from "./config/config.ts";
import type { Interpreter } from "./naming/interpreter.ts";

export interface ExplainParts {
  /** The one that runs. */
  readonly config: () => Config;
  readonly interpreterFor: (router: RouterConfig) => Interpreter;
  readonly namersAlone: () => Interpreter;
  readonly identify: ExplainSource["identify"];
}

export function explainSource({ config, interpreterFor, namersAlone, identify }: ExplainParts): ExplainSource {
  return {
    routers: () => config().routers,
    interpreterFor,
    namersAlone,
    identify,
  };
}
