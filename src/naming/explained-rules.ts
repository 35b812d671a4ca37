/** The dentries of an explanation, each said once, however many steps it led to. */
import { type Dentry, showDentry } from "./dentry.ts";
import type { Dtab } from "./dtab.ts";

export interface RulePlace {
  /** `given`: of a dtab that was asked about in place of the router's; `local`: of one laid over it for this question. */
  readonly source: "router" | "given" | "local" | "interpreter";
  /** Where it is written, such as `linkerd.yaml:7`. */
  readonly place?: string;
  /** Of what was sent with the question: in which line of it, from 1. */
  readonly line?: number;
}

export interface ExplainedRule extends RulePlace {
  readonly text: string;
}

export class ExplainedRules {
  readonly all: ExplainedRule[] = [];
  readonly #indexes = new Map<Dentry, number>();
  readonly #placeOf: (dentry: Dentry) => RulePlace;

  constructor(placeOf: (dentry: Dentry) => RulePlace) {
    this.#placeOf = placeOf;
  }

  indexOf(dentry: Dentry): number {
    const known = this.#indexes.get(dentry);
    if (known !== undefined) return known;
    const index = this.all.push({ text: showDentry(dentry), ...this.#placeOf(dentry) }) - 1;
    this.#indexes.set(dentry, index);
    return index;
  }
}

/** What dtabs a question was about. */
export interface AskedDtabs {
  /** The router's own, with where each dentry is written; nothing where another was given in its place. */
  readonly router?: { readonly dtab: Dtab; readonly places: readonly string[] };
  /** Dtabs that were sent with the question. */
  readonly given?: { readonly dtab: Dtab; readonly text: string };
  readonly local?: { readonly dtab: Dtab; readonly text: string };
}

/** Where the rules of an explanation are written; a rule of none of these is the interpreter's own. */
export function placesOf({ router, given, local }: AskedDtabs): (dentry: Dentry) => RulePlace {
  const known = new Map<Dentry, RulePlace>();
  const note = (dtab: Dtab, placeAt: (at: number) => RulePlace): void =>
    dtab.dentries.forEach((dentry, at) => known.set(dentry, placeAt(at)));
  if (router !== undefined) {
    note(router.dtab, (at) => ({ source: "router", ...(router.places[at] ? { place: router.places[at] } : {}) }));
  }
  for (const source of ["given", "local"] as const) {
    const sent = { given, local }[source];
    if (sent === undefined) continue;
    const lines = linesOf(sent.dtab, sent.text);
    note(sent.dtab, (at) => ({ source, line: lines[at] ?? 1 }));
  }
  return (dentry) => {
    const { place } = dentry;
    return known.get(dentry) ?? { source: "interpreter", ...(place === undefined ? {} : { place }) };
  };
}

/** In which line of the text that it was read from each dentry begins. */
function linesOf({ dentries }: Dtab, text: string): readonly number[] {
  let line = 1;
  let next = text.indexOf("\n");
  return dentries.map(({ at }) => {
    for (; next >= 0 && next < (at?.start ?? 0); next = text.indexOf("\n", next + 1)) line++;
    return line;
  });
}
