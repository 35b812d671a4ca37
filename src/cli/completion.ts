/** `linkspan completion`: scripts that complete commands and flags in a shell. */
import type { Command } from "./command.ts";
import { UsageError } from "./command.ts";
import { exitCodes } from "./roots.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** The command that knows all others. */
export function completionOf(commands: () => readonly Command[]): Command {
  return {
    name: "completion",
    summary: "Print a script that completes commands in a shell.",
    positionals: ["SHELL"],
    flags: {},
    details: "SHELL is bash, zsh or fish.",
    examples: [
      "linkspan completion bash > /etc/bash_completion.d/linkspan",
      "linkspan completion zsh > ~/.zfunc/_linkspan",
      "linkspan completion fish > ~/.config/fish/completions/linkspan.fish",
    ],
    run({ positionals: [shell = ""] }, { io }) {
      const script = scripts[shell as keyof typeof scripts];
      if (script === undefined) {
        throw new UsageError(`no completion for ${shell}: expected ${shells.join(", ")}`, "linkspan completion --help");
      }
      io.out(script(commands()));
      return Promise.resolve(exitCodes.ok);
    },
  };
}

const scripts: { readonly [shell in (typeof shells)[number]]: (commands: readonly Command[]) => string } = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

function flagsOf(command: Command): readonly string[] {
  return [...Object.keys(command.flags), "help"].map((name) => `--${name}`);
}

function bashScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const actions = command.actions === undefined ? "" : ` actions="${command.actions.join(" ")}"`;
    return `    ${command.name}) words="${flagsOf(command).join(" ")}"${actions} ;;`;
  });
  return [
    "_linkspan() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" words="" actions=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))`,
    "    return",
    "  fi",
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac",
    '  if [ "$COMP_CWORD" -ne 2 ]; then actions=""; fi',
    '  case "$current" in',
    '    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    '    *) if [ -n "$actions" ]; then COMPREPLY=($(compgen -W "$actions" -- "$current")); return; fi ;;&',
    '    *) COMPREPLY=($(compgen -f -- "$current")) ;;',
    "  esac",
    "}",
    "complete -o filenames -F _linkspan linkspan",
    "",
  ].join("\n");
}

function zshScript(commands: readonly Command[]): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(":", "\\:");
  const cases = commands.map((command) => `    ${command.name}) compadd -- ${flagsOf(command).join(" ")} ;;`);
  const actions = commands.flatMap((command) =>
    command.actions === undefined ? [] : [`    ${command.name}) compadd -- ${command.actions.join(" ")}; return ;;`],
  );
  return [
    "#compdef linkspan",
    "_linkspan() {",
    "  local -a commands",
    `  commands=(${commands.map(({ name, summary }) => `'${name}:${quoted(summary)}'`).join(" ")})`,
    "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
    '  if [[ "$words[CURRENT]" != -* ]]; then',
    '    if (( CURRENT == 3 )); then case "$words[2]" in',
    ...actions,
    "    esac; fi",
    "    _files; return",
    "  fi",
    '  case "$words[2]" in',
    ...cases,
    "  esac",
    "}",
    '_linkspan "$@"',
    "",
  ].join("\n");
}

function fishScript(commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name, summary, flags, actions = [] }) => [
    `complete -c linkspan -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...actions.map((action) => `complete -c linkspan -n '__fish_seen_subcommand_from ${name}' -a ${action}`),
    ...Object.entries(flags).map(
      ([flag, { doc, value }]) =>
        `complete -c linkspan -n '__fish_seen_subcommand_from ${name}' -l ${flag}${value === undefined ? "" : " -r"} -d ${quoted(doc)}`,
    ),
  ]);
  return `${lines.join("\n")}\n`;
}
