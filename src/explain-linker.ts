/** Links what answers at the admin port why a name goes where it goes: the interpreters that requests are bound by. */
import type { ExplainSource } from "./admin/explain-source.ts";
import type { Config, RouterConfig } from "./config/config.ts";
import type { Overlays } from "./naming-root.ts";
import { Dtab } from "./naming/dtab.ts";
import type { Interpreter } from "./naming/interpreter.ts";

export interface ExplainParts {
  /** The one that runs. */
  readonly config: () => Config;
  readonly interpreterFor: (router: RouterConfig) => Interpreter;
  readonly namersAlone: () => Interpreter;
  readonly identify: ExplainSource["identify"];
  readonly overlays: Overlays | undefined;
}

export function explainSource(parts: ExplainParts): ExplainSource {
  const { config, interpreterFor, namersAlone, identify, overlays } = parts;
  return {
    routers: () => config().routers,
    interpreterFor,
    namersAlone,
    identify,
    overlay(router) {
      const over = overlays?.(router)?.sample();
      return over?.tag === "ok" ? over.value : Dtab.empty;
    },
  };
}
