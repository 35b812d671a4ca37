/** What `--help` says. */
import { helpFlag, usageOf, type Command } from "./command.ts";
import { showTable } from "./table.ts";

const exits =
  "Exit codes: 0 done, 1 a problem was found, 2 usage, 3 daemon or registry unreachable, 78 configuration error.";

export function helpOf(command: Command): string {
  const flags = Object.entries({ ...command.flags, help: helpFlag }).map(([name, { short, value, doc }]) => [
    `  ${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
    doc,
  ]);
  return [
    `${command.summary}\n`,
    `Usage: ${usageOf(command)}\n`,
    command.details === "" ? "" : `${command.details}\n`,
    `Flags:\n${flagTable(flags)}`,
    `Examples:\n${command.examples.map((example) => `  ${example}\n`).join("")}`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, positionals, summary }) => [`  ${[name, ...positionals].join(" ")}`, summary]);
  return [
    "linkspan: lets services find each other across registries.\n",
    "Usage: linkspan COMMAND [flags]\n",
    `Commands:\n${flagTable(rows)}`,
    "Begin with:\n  linkspan check FILE\n  linkspan COMMAND --help\n",
    `${exits}\n`,
  ].join("\n");
}

function flagTable(rows: readonly (readonly string[])[]): string {
  return showTable(["", ""], rows).replace(/^\s*\n/, "");
}
