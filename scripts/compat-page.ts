/** The page that promises how Linkspan compares with a Linkerd 1.7.5 that was recorded. */
import { readFileSync } from "node:fs";
import type { Registry } from "../src/config/registry.ts";
import { compatKeys } from "./compat-keys.ts";
import type { JsonSchema } from "./json-schema.ts";
import { adminDifferences, configurationDifferences, fileDifferences } from "./linkerd-admin-differences.ts";
import { h2Differences, httpDifferences, nameDifferences } from "./linkerd-differences.ts";

const always = [
  "`via` says `linkspan` and the version: `1.1 linkspan`, `2 linkspan`.",
  "`linkspan-code` and `linkspan-request-id` stand beside `l5d-err`, which is one sentence; the body says it too.",
  "The order and the case of fields stay. Linkerd regrouped them.",
  "Requests get no `content-length: 0` and no `finagle-http-retryable-request`. Answers over HTTP/2 get no `te`.",
];

function count(file: string): number {
  const text = readFileSync(new URL(`../test/vectors/linkerd/${file}`, import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "").length;
}

/** A sentence and a table of the differences by their reasons. */
function section(title: string, file: string, differences: Readonly<Record<string, string>>): string {
  const all = count(file);
  const byReason = Map.groupBy(Object.entries(differences), ([, why]) => why);
  const rows = [...byReason].map(
    ([why, each]) => `| ${why} | ${each.map(([name]) => `\`${name.replaceAll("|", "\\|")}\``).join(", ")} |`,
  );
  const same = all - Object.keys(differences).length;
  return [
    `## ${title}\n`,
    `Of ${all} records ${same} are the same. The others:\n`,
    ["| Linkspan | records |", "| --- | --- |", ...rows, ""].join("\n"),
  ].join("\n");
}

export function compatPage(linkerd: JsonSchema, registry: Registry): string {
  return [
    "# Compared with Linkerd 1.7.5\n",
    "<!-- Made by scripts/docs.ts from scripts/linkerd-*-differences.ts and linkerd-differences.ts; edit those. -->\n",
    "A Linkerd 1.7.5 was sent requests, and what its backends saw and its callers got was recorded. The tests send the same " +
      "to Linkspan with the same configuration (`test/conformance/linkerd-*.test.ts`); what is not the same stands here with " +
      "its reason. The records are in `test/vectors/linkerd`. What this means for a move is told " +
      "in [An existing linkerd.yaml](guide/linkerd-yaml.md).\n",
    compatKeys(linkerd, registry),
    "## In every record\n",
    ...always.map((line) => `- ${line}`),
    "",
    section("HTTP/1", "http.jsonl", httpDifferences),
    section("HTTP/2", "h2.jsonl", h2Differences),
    section("Configurations", "broken.jsonl", configurationDifferences),
    section("Names", "names.jsonl", nameDifferences),
    section("Service files", "fs.jsonl", fileDifferences),
    section("The admin port", "admin.jsonl", adminDifferences),
  ].join("\n");
}
