/** Reads an entry of the short form that may be written in two ways: a target alone, or settings with `to` among them. */
import type { Path } from "../naming/path.ts";
import type { HttpProtocol } from "./client-schema.ts";
import type { ProblemList } from "./config-error.ts";
import { type At, quoteKey } from "./field.ts";
import { SchemaError, type Schema } from "./plugin.ts";
import { targetsField, type Targets } from "./short-schema.ts";
import type { Source } from "./source.ts";
import { alternativesOf, BadTarget, nameOf, placeOfTarget, type SourceRoot, targetsOf } from "./targets.ts";

/** Where a name of one protocol is led. */
export interface Lead {
  /** What its dentry stands for: these, in this order, as texts of a dtab. */
  readonly alternatives: readonly string[];
  /** The concrete names that it may lead to. */
  readonly targets: readonly string[];
}

export class EntryReader {
  readonly problems: ProblemList;
  readonly #sources: readonly SourceRoot[];
  readonly #source: Source;
  constructor(sources: readonly SourceRoot[], source: Source, problems: ProblemList) {
    this.#sources = sources;
    this.#source = source;
    this.problems = problems;
  }

  /** `undefined` after a problem. What is not `isWhole` is the value of `to`, which the file does not write. */
  parse<T>(schema: Schema<T>, value: unknown, at: At, isWhole: boolean): T | undefined {
    const inFile = (path: At): At => [...at, ...(isWhole ? path : path.slice(1))];
    try {
      return schema.parse(value, {
        textAt: (path) => this.#source.under([]).textAt?.(inFile(path)),
        warn: (problem) => this.problems.add({ ...problem, at: inFile(problem.at) }, [], "warning"),
      });
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      for (const { message, ...problem } of error.problems) {
        const inWords = isWhole ? message : message.replace(/^`to`/, quoteKey(at.at(-1) ?? "to"));
        this.problems.add({ ...problem, message: inWords, at: inFile(problem.at) });
      }
      return undefined;
    }
  }

  /** Of an entry in which something else is wrong: whether at least its targets are right. */
  checkTargets(entry: unknown, host: string | undefined, at: At): undefined {
    try {
      const { to } = entry as { readonly to: unknown };
      this.lead(targetsField.parse(to), host, "http", [...at, "to"]);
    } catch (error) {
      // That they are none has been told already.
      if (!(error instanceof SchemaError)) throw error;
    }
  }

  /** The concrete name. Throws BadTarget. */
  name(target: string, host: string | undefined, protocol: HttpProtocol | "tcp"): Path {
    return nameOf(target, this.#sources, host, protocol);
  }

  /** Where copies of a route's requests go. `undefined` after a problem, and where there is no shadow. */
  shadows(to: string | undefined, host: string | undefined, at: At): Shadows | undefined {
    if (to === undefined) return undefined;
    const lead = (protocol: HttpProtocol): string | undefined =>
      this.lead(to, host, protocol, [...at, "shadow", "to"])?.targets[0];
    const [http, h2] = [lead("http"), lead("h2")];
    return http === undefined || h2 === undefined ? undefined : { http, h2 };
  }

  /** `host` stands for a `*` at the end of a target. `undefined` after a problem; `at` is where the targets stand. */
  lead(to: Targets, host: string | undefined, protocol: HttpProtocol | "tcp", at: At): Lead | undefined {
    try {
      const shown = (target: string): string => this.name(target, host, protocol).show;
      return { alternatives: alternativesOf(to, shown), targets: targetsOf(to).map(shown) };
    } catch (error) {
      if (!(error instanceof BadTarget)) throw error;
      this.problems.add(placeOfTarget(error, to, at));
      return undefined;
    }
  }
}

/** The concrete name by the protocol of the route. */
export type Shadows = Readonly<Record<HttpProtocol, string>>;

/** Whether a mapping is written there that has the key. */
export function has(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && key in value;
}
