/** The page that promises how Linkspan compares with a Linkerd 1.7.5 that was recorded. */
import { readFileSync } from "node:fs";
import { h2Differences, httpDifferences } from "./linkerd-differences.ts";

const always = [
  "`via` says `linkspan` and the version: `1.1 linkspan`, `2 linkspan`.",
  "`linkspan-code` stands beside `l5d-err`, which is one sentence; the body says it too.",
  "The order and the case of fields stay. Linkerd regrouped them.",
  "Requests get no `content-length: 0` and no `finagle-http-retryable-request`. Answers over HTTP/2 get no `te`.",
];

function records(file: string): string[] {
  return readFileSync(new URL(`../test/vectors/linkerd/${file}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { name: string }).name);
}

/** A sentence and a table of the differences by their reasons. */
function section(title: string, file: string, differences: Readonly<Record<string, string>>): string {
  const names = records(file);
  const byReason = Map.groupBy(Object.entries(differences), ([, why]) => why);
  const rows = [...byReason].map(([why, all]) => `| ${why} | ${all.map(([name]) => `\`${name}\``).join(", ")} |`);
  const same = names.length - Object.keys(differences).length;
  return [
    `## ${title}\n`,
    `Of ${names.length} records ${same} are the same. The others:\n`,
    ["| Linkspan | records |", "| --- | --- |", ...rows, ""].join("\n"),
  ].join("\n");
}

export function compatPage(): string {
  return [
    "# Compared with Linkerd 1.7.5\n",
    "<!-- Made by scripts/docs.ts from scripts/linkerd-differences.ts; edit that. -->\n",
    "A Linkerd 1.7.5 was sent requests, and what its backends saw and its callers got was recorded. The tests send the same " +
      "to Linkspan with the same configuration (`test/conformance/linkerd-h2.test.ts`, `linkerd-http.test.ts`); what is not " +
      "the same stands here with its reason. The records are in `test/vectors/linkerd`. What this means for a move is told " +
      "in [An existing linkerd.yaml](guide/linkerd-yaml.md).\n",
    "In every record:\n",
    ...always.map((line) => `- ${line}`),
    "",
    section("HTTP/1", "http.jsonl", httpDifferences),
    section("HTTP/2", "h2.jsonl", h2Differences),
  ].join("\n");
}
