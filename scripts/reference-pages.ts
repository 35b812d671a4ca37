/** The pages of the reference that come from tables in the sources: failures, metrics, events of the log. */
import { failures } from "../src/base/failure.ts";
import { problemCodes } from "../src/config/problem-code.ts";
import { logEvents } from "./log-events.ts";
import { metricGroups } from "./metric-specs.ts";

export function failuresPage(): string {
  const rows = Object.values(failures).map(({ code, status, grpcStatus, flags, when }) => [
    `\`${code}\``,
    status === 0 ? "nobody is left to answer" : `${status}`,
    grpcStatus === undefined ? "" : `${grpcStatus}`,
    flags.has("retryable") ? "yes" : "",
    when,
  ]);
  return [
    "# Failures\n",
    made("src/base/failure.ts"),
    "Answers that the router itself makes. The code is in the header `linkspan-code`, in the label `code` of " +
      "`linkspan_failures_total`, and in the list of [causes and next steps](../guide/troubleshooting.md). `l5d-err` has " +
      "the sentence, URL-encoded; the body has it as text. An answer without `linkspan-code` comes from the service.\n",
    "*Sent elsewhere* says that the request is known not to have been worked on, so another endpoint may be asked.\n",
    table(["code", "HTTP status", "gRPC status", "sent elsewhere", "when"], rows),
  ].join("\n");
}

export function metricsPage(): string {
  const groups = metricGroups.map(({ title, specs }) => {
    const rows = specs.map(({ name, type, labels, help }) => [`\`${name}\``, type, labels.join(", "), help]);
    return `## ${title}\n\n${table(["name", "type", "labels", "is"], rows)}`;
  });
  return [
    "# Metrics\n",
    made("the tables beside the code that counts"),
    "`GET /metrics` on the admin port gives these in Prometheus' text format, and beside them the process's own " +
      "(`process_*`, `nodejs_*`). `/admin/metrics/prometheus` and `/admin/metrics.json` give what Linkerd 1 gave, under its " +
      "names. A series goes when what it counts goes: a route that was idle too long takes its series with it.\n",
    ...groups,
  ].join("\n");
}

export function logPage(): string {
  const rows = logEvents.map(({ event, level, when }) => [`\`${event}\``, level, when]);
  return [
    "# Events of the log\n",
    made("scripts/log-events.ts"),
    "The log is one JSON object a line on standard output, with `time`, `level`, `event` and fields of the event. " +
      "`log: {level: debug}` shows all. No request is logged.\n",
    table(["event", "level", "when"], rows),
  ].join("\n");
}

export function problemsPage(): string {
  const rows = Object.entries(problemCodes).map(([code, when]) => [`\`${code}\``, when]);
  const keys = [
    ["`code`", "what sort of problem it is, from the table below; plugins may have codes of their own"],
    ["`severity`", "`error` or `warning`; a file with warnings alone runs"],
    ["`file`", "as it was given on the command line; `-` for standard input"],
    ["`line`, `column`", "where it begins, both counted from 1; columns in UTF-16 units, as editors count"],
    ["`endLine`, `endColumn`", "behind its last letter; a problem is marked in one line"],
    ["`message`", "what is wrong, without a full stop"],
    ["`found`", "what stands there, where that helps"],
    ["`expected`", "what would be right"],
    ["`nearest`", "what was probably meant"],
  ];
  return [
    "# Problems of a configuration\n",
    made("src/config/problem-code.ts"),
    "`linkspan check FILE` finds all problems of a file at once: of YAML, of keys and values, of dtabs and of what does " +
      "not go together. Each has its place, also within the text of a dtab, and exits with 78; warnings alone exit with 0.\n",
    "`linkspan check --json FILE` prints one object on standard output. `ok` says whether the file can be run, `problems` " +
      "is a list in the order of the file; `host` lists what this host cannot do, and `config` is the resolved " +
      "configuration without secrets, where the file can be run. Each problem has:\n",
    table(["key", "is"], keys),
    "## Codes\n",
    table(["code", "when"], rows),
  ].join("\n");
}

function made(source: string): string {
  return `<!-- Made by scripts/docs.ts from ${source}; edit that. -->\n`;
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line), ""].join("\n");
}
