/** What a command is: its flags and examples declared once, for parsing, help and completion. */
import { parseArgs } from "node:util";
import { nearest } from "../config/nearest.ts";
import type { CliIo, Roots } from "./roots.ts";

export interface Flag {
  readonly doc: string;
  /** What its value is called in the help; a flag without one is on or off. */
  readonly value?: string;
  readonly short?: string;
  /** Whether it may be given more than once; its value is a list then. */
  readonly many?: boolean;
  /** What completion offers; `file` for a file. */
  readonly choices?: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of what must follow, such as `FILE`; one in brackets may. */
  readonly positionals: readonly string[];
  /** What the first positional may be, where that is one of a few words. */
  readonly actions?: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  readonly details: string;
  readonly examples: readonly string[];
  /** Resolves with the exit code. */
  run(args: Args, context: CommandContext): Promise<number>;
}

export interface Args {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

export interface CommandContext {
  readonly io: CliIo;
  readonly roots: Roots;
}

/** The command line is wrong; `next` is what to type instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly next: string;
  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

/** The text of a flag that has a value. */
export function textFlag({ flags }: Args, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** The texts of a flag that may be given more than once. */
export function textFlags({ flags }: Args, name: string): readonly string[] {
  const values = flags[name];
  return typeof values === "object" ? values : [];
}

/** Every command has `--help`. */
export const helpFlag: Flag = { doc: "Show this help.", short: "h" };

/** Throws UsageError. */
export function parseCommandLine(command: Command, argv: readonly string[]): Args {
  const flags: Readonly<Record<string, Flag>> = { ...command.flags, help: helpFlag };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, short, many }]) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short ? { short } : {}),
        ...(many ? { multiple: true } : {}),
      },
    ]),
  );
  const parsed = parseArgs({ args: [...argv], options, strict: false, tokens: true, allowPositionals: true });
  for (const token of parsed.tokens) {
    if (token.kind === "option") checkOption(command, flags, token.name, token.rawName, token.value);
  }
  const values = parsed.values as Args["flags"];
  if (values["help"] !== true) checkPositionals(command, parsed.positionals);
  return { positionals: parsed.positionals, flags: values };
}

function checkOption(
  command: Command,
  flags: Readonly<Record<string, Flag>>,
  name: string,
  raw: string,
  value: string | undefined,
): void {
  const help = `linkspan ${command.name} --help`;
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) {
    const meant = nearest(name, Object.keys(flags));
    throw new UsageError(`unknown flag ${raw}${meant ? `; did you mean --${meant}?` : ""}`, help);
  }
  if (flag.value !== undefined && (value === undefined || value === "")) {
    throw new UsageError(`${raw} needs a value: ${raw} ${flag.value}`, help);
  }
  if (flag.value === undefined && value !== undefined) throw new UsageError(`${raw} takes no value`, help);
  if (flag.choices && value !== undefined && !flag.choices.includes(value) && !flag.choices.includes("file")) {
    throw new UsageError(`${raw} ${value}: expected one of ${flag.choices.join(", ")}`, help);
  }
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const least = command.positionals.filter((name) => !name.startsWith("[")).length;
  const help = `linkspan ${command.name} --help`;
  const missing = command.positionals[given.length];
  if (given.length < least) throw new UsageError(`${missing} is missing: ${usageOf(command)}`, help);
  const [first] = given;
  if (command.actions && first !== undefined && !command.actions.includes(first)) {
    const meant = nearest(first, command.actions);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw new UsageError(`${first}: expected one of ${command.actions.join(", ")}${hint}`, help);
  }
  const extra = given[command.positionals.length];
  if (extra !== undefined) throw new UsageError(`${extra} is one too many: ${usageOf(command)}`, help);
}

export function usageOf(command: Command): string {
  const flags = Object.keys(command.flags).length > 0 ? " [flags]" : "";
  return ["linkspan", command.name, ...command.positionals].join(" ") + flags;
}
