/** An explanation as plain data, for whoever shows it: the terminal, the admin page, an editor. */
import type { State } from "../base/var.ts";
import type { NameTree } from "./name-tree.ts";
import type { Bound } from "./namer.ts";
import type { Identified } from "./asked-request.ts";
import type { Delegation } from "./delegation.ts";
import type { Dentry } from "./dentry.ts";
import { type DualAddress, dualAddresses } from "./dual-addresses.ts";
import { ExplainedServices, type ExplainedService } from "./explained-services.ts";
import { ExplainedRules, type ExplainedRule, type RulePlace } from "./explained-rules.ts";
import { type ChosenName, type ExplainedStep, StepExplainer } from "./explained-steps.ts";
import { StepEnds } from "./step-ends.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export interface Explanation {
  readonly path: string;
  readonly verdict: Verdict["kind"];
  /** One sentence. */
  readonly message: string;
  readonly state: State<NameTree<Bound>>["tag"];
  /** How many steps of the allowed number the binding took. */
  readonly steps: number;
  readonly chosen: readonly ChosenName[];
  readonly root: ExplainedStep;
  /** What steps refer to by index. */
  readonly rules: readonly ExplainedRule[];
  /** What leaves and `chosen` refer to by bound id. */
  readonly services: Readonly<Record<string, ExplainedService>>;
  /** Not there where no address is in more than one of what was chosen. */
  readonly dual?: readonly DualAddress[];
}

/** What is asked about a name, at the admin port. */
export interface ExplainQuestion {
  /** The label of a router; the first if it is not said. */
  readonly router?: string;
  /** A logical name, or a host. */
  readonly name?: string;
  /** In place of a name: a request line, and below that a header field a line. */
  readonly request?: string;
  /** In place of the router's dtab. */
  readonly dtab?: string;
  /** Laid over the router's dtab. */
  readonly local?: string;
  readonly timeoutMs?: number;
}

/** What a router that has been asked for the name knows of it. */
export interface LiveRoute {
  readonly state: string;
  readonly cause?: string;
  /** The bound ids that requests go to now. */
  readonly clusters: readonly string[];
  readonly requests: number;
  /** By bound id and address, what is not open, and why. */
  readonly closed: readonly {
    readonly id: string;
    readonly address: string;
    readonly status: string;
    readonly reason: string;
  }[];
}

/** The answer. */
export interface ExplainAnswer extends Explanation {
  /** Epoch ms. */
  readonly at: number;
  readonly router: string;
  /** Where a request was asked about. */
  readonly request?: Extract<Identified, { readonly kind: "named" }>;
  readonly live?: LiveRoute;
}

/** `placeOf` says where a rule is written; `closed` of which bound ids no address takes requests now. */
export function explanationOf(
  delegation: Delegation,
  placeOf: (dentry: Dentry) => RulePlace,
  closed: ReadonlySet<string> = new Set(),
): Explanation {
  const { path, outcome, steps, root } = delegation;
  const rules = new ExplainedRules(placeOf);
  const services = new ExplainedServices();
  const explainer = new StepExplainer(rules, services, new StepEnds(closed));
  const explained = explainer.explain(root, outcome.tag === "ok");
  const { chosen } = explainer;
  const { kind, message } = verdictOf(outcome, chosen, services.all);
  const ids = chosen.map(({ id }) => id);
  const dual = dualAddresses(ids, services.all);
  return {
    path: path.show,
    verdict: kind,
    message,
    state: outcome.tag,
    steps,
    chosen,
    root: explained,
    rules: rules.all,
    services: services.all,
    ...(dual.length === 0 ? {} : { dual }),
  };
}
