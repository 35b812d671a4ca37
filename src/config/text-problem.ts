/** What is wrong with a text before it has a meaning, and what was read of it all the same. */
import type { ProblemCode } from "./problem-code.ts";
import type { SourceNode } from "./source.ts";

/** Something about the text itself, at [start, end). */
export interface TextProblem {
  readonly start: number;
  readonly end: number;
  readonly code: ProblemCode;
  readonly message: string;
  readonly expected?: string;
  readonly severity: "error" | "warning";
}

export interface ReadText {
  readonly root: SourceNode | undefined;
  readonly problems: readonly TextProblem[];
}

/** Mappings and lists within each other beyond this are refused. */
export const MAX_DEPTH = 64;
export const TOO_DEEP = "lists or mappings are nested too deeply";
