/** Writes what is generated from schemas and tables: docs/reference/ and config/schema.json. `--check` only compares. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { builtins } from "../src/builtins.ts";
import { linkerdSchema } from "../src/config/linkerd.ts";
import { Registry } from "../src/config/registry.ts";
import { listedRouteSchema, routeSchema, shortSchema } from "../src/config/short-schema.ts";
import { compatPage } from "./compat-page.ts";
import type { JsonSchema } from "./json-schema.ts";
import { failuresPage, logPage, metricsPage, problemsPage } from "./reference-pages.ts";
import { shareDefinitions } from "./share-definitions.ts";

const root = new URL("../", import.meta.url);
const registry = new Registry(builtins);

/** What the files must hold, by their path in the repository. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  const linkerd: JsonSchema = linkerdSchema(registry).json;
  const short: JsonSchema = shortSchema(registry).json;
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "linkspan",
    ...shareDefinitions({ anyOf: [linkerd, short] }),
  };
  return new Map([
    ["config/schema.json", await format(JSON.stringify(schema), { parser: "json", printWidth: 120 })],
    ["docs/compat.md", await markdown(compatPage(linkerd, registry))],
    ["docs/reference/config.md", await markdown(reference(linkerd, short))],
    ["docs/reference/failures.md", await markdown(failuresPage())],
    ["docs/reference/metrics.md", await markdown(metricsPage())],
    ["docs/reference/log.md", await markdown(logPage())],
    ["docs/reference/problems.md", await markdown(problemsPage())],
  ]);
}

function markdown(text: string): Promise<string> {
  return format(text, { parser: "markdown", printWidth: 120 });
}

function reference(linkerd: JsonSchema, short: JsonSchema): string {
  const { routers, namers, telemetry, ...top } = linkerd.properties ?? {};
  const byProtocol = routers?.items?.anyOf ?? [];
  const [http = {}, h2 = {}, tcp = {}] = byProtocol;
  const { client, service, identifier, interpreter } = http.properties ?? {};
  const clientOf = client?.anyOf?.[0] ?? {};
  const serviceOf = service?.anyOf?.[0] ?? {};
  const { loadBalancer, failureAccrual } = clientOf.properties ?? {};
  const h2Service = h2.properties?.["service"]?.anyOf?.[0]?.properties;
  const { sources } = short.properties ?? {};
  const source = sources?.additionalProperties;
  return [
    "# Configuration\n",
    "<!-- Made by scripts/docs.ts from the schemas; edit those. -->\n",
    "A file is written in one of two forms: the short form, for new users, or that of a linkerd.yaml. " +
      "`linkspan check FILE` finds every mistake in it, `linkspan check --expand FILE` shows the linkerd.yaml that a short " +
      "form means. `config/schema.json` gives editors the same keys.\n",
    "## The short form\n",
    table(short),
    "### A source\n",
    typeof source === "object" ? table(source) : "",
    "### A route with settings\n",
    table(routeSchema.json),
    "### A route of a list\n",
    table(listedRouteSchema.json),
    "## linkerd.yaml\n",
    table({ properties: { routers: routers ?? {}, namers: namers ?? {}, ...top }, required: linkerd.required ?? [] }),
    "### routers\n",
    "The `protocol` says what else a router may have.\n",
    ...byProtocol.map(routerSection),
    "### client\n",
    "With `kind: io.l5d.static` and a list `configs`, each entry with a `prefix` of bound ids, keys hold for those.\n",
    "The keys of HTTP/2 go with `protocol: h2`, which is the default on h2 routers.\n",
    table(clientOf),
    "#### client of a router with protocol: tcp\n",
    table(tcp.properties?.["client"]?.anyOf?.[0] ?? {}),
    "### service\n",
    "With `kind: io.l5d.static` and a list `configs`, each entry with a `prefix` of logical names, keys hold for those.\n",
    "On h2 routers the default of `responseClassifier` is `io.l5d.h2.nonRetryable5XX`, and there is `retryBufferSize`.\n",
    table({ ...serviceOf, properties: { ...h2Service, ...serviceOf.properties } }),
    kinds(
      "identifier",
      identifier?.anyOf?.[0],
      h2.properties?.["identifier"]?.anyOf?.[0],
      tcp.properties?.["identifier"]?.anyOf?.[0],
    ),
    kinds("loadBalancer", loadBalancer),
    kinds("failureAccrual", failureAccrual),
    kinds("responseClassifier", serviceOf.properties?.["responseClassifier"], h2Service?.["responseClassifier"]),
    kinds("namers", namers?.items),
    kinds("interpreter", interpreter),
    kinds("transformers", interpreter?.anyOf?.[0]?.properties?.["transformers"]?.items),
    kinds("telemetry", telemetry?.items),
    kinds("control.store", top["control"]?.properties?.["store"]),
  ].join("\n");
}

/** The keys of a router of one protocol, and those of its servers. */
function routerSection({ properties, required }: JsonSchema): string {
  const { protocol, servers, ...keys } = properties ?? {};
  return [
    `#### Routers with protocol: ${protocol?.const ?? ""}\n`,
    table({ properties: { protocol: protocol ?? {}, servers: servers ?? {}, ...keys }, required: required ?? [] }),
    "Its `servers`:\n",
    table(servers?.items ?? {}),
  ].join("\n");
}

/** Those of several schemas once each: some kinds are for routers of one protocol alone. */
function kinds(title: string, ...schemas: readonly (JsonSchema | undefined)[]): string {
  const all = schemas.flatMap((schema) => schema?.anyOf ?? []);
  const byName = new Map(all.map((kind) => [kind.properties?.["kind"]?.const, kind]));
  const each = [...byName.values()].map((kind) => {
    const { kind: name, ...properties } = kind.properties ?? {};
    const keys = Object.keys(properties).filter((key) => key !== "experimental");
    const about = keys.length === 0 ? "No keys.\n" : table({ ...kind, properties });
    return `#### ${name?.const ?? ""}\n\n${about}`;
  });
  return [`### Kinds of ${title}\n`, ...each].join("\n");
}

/** One row a key; keys of mappings in mappings are written with a dot. */
function table(schema: JsonSchema): string {
  const rows = rowsOf(schema, "");
  return ["| key | is | default | |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const required = schema.required?.includes(key) === true && prefix === "" ? "required" : "";
    const standard = field.default === undefined ? required : `\`${JSON.stringify(field.default)}\``;
    const row = `| \`${prefix}${key}\` | ${cell(typeOf(field))} | ${cell(standard)} | ${cell(field.description ?? "")} |`;
    return [row, ...(field.type === "object" ? rowsOf(field, `${prefix}${key}.`) : [])];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${each}\``).join(", ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === "object") return "mapping";
  if (schema.type === "string") return "text";
  return `${schema.type ?? "anything"}${range(schema)}`;
}

function range({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  return maximum === undefined ? "" : ` to ${maximum}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  for (const [path, text] of await generated()) {
    const url = new URL(path, root);
    if (!process.argv.includes("--check")) {
      mkdirSync(new URL("./", url), { recursive: true });
      writeFileSync(url, text);
    } else if (readFileSync(url, "utf8") !== text) {
      console.error(`${path} is not current; run: npm run docs`);
      process.exitCode = 1;
    }
  }
}
