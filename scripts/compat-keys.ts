/** The part of the page on Linkerd 1.7.5 that says which of its keys change nothing here, and which are refused. */
import type { Registry } from "../src/config/registry.ts";
import { TELEMETERS_WITHOUT_EFFECT } from "../src/config/telemeter-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const WITHOUT_EFFECT = "Read, and without effect: ";

/** Whose keys are told apart by kind; those of `client` and of the balancers in it are the same for all. */
const KIND = /^io\.l5d\.(?!global$|static$)/;

/** Each key without effect as it is found in the file, with its reason. */
function* keysWithoutEffect(schema: JsonSchema, path: readonly string[] = []): Generator<readonly [string, string]> {
  const { deprecated, description = "", anyOf = [], items, properties = {} } = schema;
  if (deprecated === true) {
    yield [path.slice(-2).join("."), description.slice(WITHOUT_EFFECT.length, -1)];
    return;
  }
  for (const part of [...anyOf, ...(items ? [items] : [])]) {
    const kind = part.properties?.["kind"]?.const ?? "";
    yield* keysWithoutEffect(part, KIND.test(kind) ? [kind] : path);
  }
  for (const [key, part] of Object.entries(properties)) {
    yield* keysWithoutEffect(part, key === "configs" ? path : [...path, key]);
  }
}

/** `linkerd` is the schema of a linkerd.yaml. */
export function compatKeys(linkerd: JsonSchema, registry: Registry): string {
  const idle = [...keysWithoutEffect(linkerd), ...Object.entries(TELEMETERS_WITHOUT_EFFECT)];
  const rows = [...Map.groupBy(idle, ([, why]) => why)].map(([why, each]) => {
    const keys = new Set(each.map(([key]) => `\`${key}\``));
    return `| ${[...keys].join(", ")} | ${why} |`;
  });
  const refused = registry.all.flatMap((plugin) => plugin.refused ?? []);
  return [
    "## Keys and kinds\n",
    "Every key and kind of Linkerd 1.7.5 for http and h2 routers is read, with its default. These change nothing here, " +
      "and whoever says something else than their default is warned:\n",
    ["| key or kind | because |", "| --- | --- |", ...rows, ""].join("\n"),
    "These are refused:\n",
    ...refused.map((sentence) => `- ${sentence}`),
    "- `protocol: thrift`, `mux` and `thriftmux` are not served: route their connections as they are with `protocol: tcp`",
    "- `requestAuthorizers` and `loggers` were for the mixer of an Istio before 1.0",
    "",
  ].join("\n");
}
