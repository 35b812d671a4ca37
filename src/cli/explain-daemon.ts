/** `explain` against a running router: it answers from the state that its requests meet. */
import type { ExplainAnswer, ExplainQuestion } from "../naming/explanation.ts";
import { showDentry } from "../naming/dentry.ts";
import type { RouterConfig } from "../config/config.ts";
import { askAdmin } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type CommandContext } from "./command.ts";
import { namedBy } from "./explain-file.ts";
import { EXPLAIN_HELP, type Question, routerOf } from "./explain-question.ts";
import { readConfig } from "./read-config.ts";

/** `undefined` when it cannot be asked, and the terminal has been told why. */
export async function askDaemon(
  args: Args,
  question: Question,
  context: CommandContext,
): Promise<ExplainAnswer | undefined> {
  const file = textFlag(args, "with");
  const whatIf = file === undefined ? undefined : await whatIfOf(file, question, context);
  const answer = await askAdmin("explain", args, context, "/api/explain", "POST", whatIf?.asked ?? asked(question));
  if (answer === undefined) return undefined;
  const { error } = answer.data as { readonly error?: string };
  if (answer.status !== 200) throw new UsageError(error ?? `the router answered ${answer.status}`, EXPLAIN_HELP);
  const explained = answer.data as ExplainAnswer;
  return whatIf === undefined ? explained : whatIf.placed(explained);
}

function asked({ router, name, request, local, timeoutMs }: Question): ExplainQuestion {
  return {
    ...(router === undefined ? {} : { router }),
    ...(request === undefined ? { name: name ?? "" } : { request: request.text }),
    ...(local.text === "" ? {} : { local: local.text }),
    timeoutMs,
  };
}

interface WhatIf {
  readonly asked: ExplainQuestion;
  /** With the places in the file for the lines of what was sent. */
  placed(answer: ExplainAnswer): ExplainAnswer;
}

async function whatIfOf(file: string, question: Question, context: CommandContext): Promise<WhatIf> {
  const config = await readConfig(file, context);
  const router = routerOf(config, question.router);
  const { path, local, request } = await namedBy(question, config, router, context);
  // A dentry a line, so that a line of what is sent is a place in the file.
  const dtab = router.dtab.dentries.map(showDentry).join(";\n");
  return {
    asked: { ...asked({ ...question, request: undefined, name: path.show, local }), router: router.label, dtab },
    placed: (answer) => ({
      ...answer,
      rules: answer.rules.map((rule) =>
        rule.source === "given" ? { ...rule, ...placeIn(router, (rule.line ?? 1) - 1) } : rule,
      ),
      ...(request === undefined ? {} : { request }),
    }),
  };
}

function placeIn({ dtabPlaces }: RouterConfig, at: number): { readonly place?: string } {
  const place = dtabPlaces.shown[at];
  return place === undefined ? {} : { place };
}
