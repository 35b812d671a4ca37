/** What a plugin is: a family, a kind, a schema, and a way to make one. */
import type { Dialer, Resolver } from "../base/dialer.ts";
import type { DocumentStore } from "../base/document-store.ts";
import type { Environment } from "../base/environment.ts";
import type { GuardSettings } from "../base/guard.ts";
import type { Http } from "../base/http.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Clock, Random } from "../base/time.ts";
import type { Var } from "../base/var.ts";
import type { AccrualPolicyFactory } from "../cluster/accrual-policy.ts";
import type { BalancerFactory } from "../cluster/balancer.ts";
import type { Classifier } from "../http/classifier.ts";
import type { Layout } from "../http/exchange.ts";
import type { Announcer } from "../naming/announcer.ts";
import type { DtabSource } from "../naming/dtab-source.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { Path } from "../naming/path.ts";
import type { Bound, Namer } from "../naming/namer.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Transformer } from "../naming/transformer.ts";
import type { Identifier } from "../router/identifier.ts";

export type { GuardSettings } from "../base/guard.ts";

/** What each family makes. Open: a third party may add one by declaration merging. */
export interface Families {
  namer: Namer;
  /** Reached under `/$/` and its kind, without being configured: each is made once, of an empty configuration. */
  systemNamer: Namer;
  announcer: Announcer;
  /** Where daemons share what is ordered of them. */
  store: DocumentStore;
  transformer: Transformer;
  interpreter: Interpreter;
  identifier: Identifier;
  classifier: Classifier;
  balancer: BalancerFactory;
  accrual: AccrualPolicyFactory;
}

export type Family = keyof Families;

/** JSON Schema as data, and the parser that goes with it. No library's own schema object is part of the interface. */
export interface Schema<C> {
  readonly json: object;
  /** Applies defaults; throws `SchemaError` with every problem that it found. */
  parse(input: unknown, source?: SchemaSource): C;
}

/** What a parser may ask of the file behind its input, and tell its reader; both may be missing. */
export interface SchemaSource {
  /** A scalar's letters as written, so that `1.10` in a text stays `1.10`. */
  textAt?(at: readonly (string | number)[]): string | undefined;
  /** For what is accepted and yet worth a line. */
  warn?(problem: SchemaProblem): void;
}

/** `at` is the path of keys and indexes from the plugin's own object to the mistake. */
export interface SchemaProblem {
  readonly at: readonly (string | number)[];
  /** Whether the key itself is the mistake, not its value. */
  readonly key?: boolean;
  /** Where in the letters of a text the mistake begins, and how many letters it has. */
  readonly offset?: number;
  readonly length?: number;
  /** What sort of problem it is, as in docs/reference/problems.md; `value.invalid` if it is not said. */
  readonly code?: string;
  /** Of what an object's `check` finds: it is told, and stops nothing. */
  readonly severity?: "warning";
  readonly message: string;
  readonly expected?: string;
  readonly received?: string;
  /** What was meant, perhaps. */
  readonly nearest?: string;
}

export class SchemaError extends Error {
  readonly problems: readonly SchemaProblem[];
  constructor(problems: readonly SchemaProblem[]) {
    super(problems.map((problem) => problem.message).join("; "));
    this.name = "SchemaError";
    this.problems = problems;
  }
}

/** The world as a plugin may reach it, so that tests can replace it. */
export interface PluginContext {
  /** What tells its metrics from those of others: of a namer its prefix, such as `/io.l5d.fs`. */
  readonly label: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly layout: Layout;
  /** Aborts when the owner closes. */
  readonly signal: AbortSignal;
  readonly dial: Dialer;
  readonly http: Http;
  readonly resolve: Resolver;
  /** What plugins read of the process's environment; `process.env` is not theirs. */
  readonly env: Environment;
  /** Where the configuration file stands: relative paths in it start here. */
  readonly baseDir: string;
  /** What identifiers put before every logical name of this router, `/svc` by default. */
  readonly dstPrefix: Path;
  readonly guard: GuardSettings;
  /** What the namers of the configuration make of a path, without any dtab. Fails where names are not bound. */
  bind(path: Path): Var<NameTree<Bound>>;
}

/** As interpreters get it. */
export interface InterpreterContext extends PluginContext {
  /** The router's own dtab, which lies over what the interpreter has and below what a caller sends. */
  readonly dtab: Var<Dtab>;
  /**
   * Binds by the dtab of `source`, with the router's laid over it, and the configured namers. Where no source is
   * given, by nothing but the router's dtab.
   */
  interpret(source?: DtabSource): Interpreter;
  /**
   * For an interpreter that has its names bound elsewhere: the namer that `open` makes, which starts from what is
   * remembered where it cannot ask, and stands in the metrics. Second looks are by further ones that `open` makes.
   */
  remember(open: (context: PluginContext) => Namer): Namer;
}

/** As stores get it. */
export interface StoreContext extends PluginContext {
  /** What the documents are, which have a place of their own in the store: `shifts`. */
  readonly collection: string;
}

/** What each family's plugins are given, where that is more than `PluginContext`. Open, as `Families` is. */
export interface Contexts {
  interpreter: InterpreterContext;
  store: StoreContext;
}

export type ContextOf<F extends Family> = F extends keyof Contexts ? Contexts[F] : PluginContext;

/** What a plugin says of itself. */
interface PluginTraits<F extends Family> {
  readonly api: 1;
  readonly family: F;
  /** The `kind:` in the file, such as `io.l5d.fs`. */
  readonly kind: string;
  readonly experimental?: boolean;
  /** The protocols of the routers that may use it; every one if it is not said. */
  readonly protocols?: readonly string[];
  /** Of a namer: what a linkerd.yaml means that says nothing of `whenUnreachable`; `fail` if it is not said. */
  readonly whenUnreachable?: "fail" | "next";
  /** Of a namer: the file must say its prefix, for its kind says nothing of what it does. */
  readonly needsPrefix?: boolean;
  /** Of a namer: all that it lists of what a mirror asks for; instances and names, if it is not said. */
  readonly lists?: "nothing" | "instances";
  /** Of an interpreter: its key that names a file with a dtab, which `linkspan check` looks into. */
  readonly dtabFileKey?: string;
  /** Of a namer: its key that names a folder, for which `linkspan check` looks. */
  readonly folderKey?: string;
  /**
   * Of an announcer: its keys that say how the registry is reached, such as `zkAddrs`. A mirror's `to` that says none of
   * them takes them from the namer of the same kind in the file, or from the one that it names.
   */
  readonly connection?: readonly string[];
  /** It is read in full and not served: the sentence that says what to do. */
  readonly refused?: string;
  /** It does something else than its kind did in Linkerd 1: the sentence of the warning. */
  readonly note?: string;
}

export interface Plugin<F extends Family = Family, C = unknown> extends PluginTraits<F> {
  readonly schema: Schema<C>;
  create(config: C, context: ContextOf<F>): Families[F] | Promise<Families[F]>;
}

/** A plugin of any configuration, as a registry keeps it: `create` takes what its own schema made, and nothing else. */
export interface AnyPluginOf<F extends Family> extends PluginTraits<F> {
  readonly schema: Schema<unknown>;
  create(config: never, context: ContextOf<F>): Families[F] | Promise<Families[F]>;
}

export type AnyPlugin = { [F in Family]: AnyPluginOf<F> }[Family];

export function definePlugin<F extends Family, C>(plugin: Plugin<F, C>): Plugin<F, C> {
  return Object.freeze(plugin);
}
