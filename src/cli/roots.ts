/** What `main.ts` hands to the commands, so that they need nothing of the data path. */
import type { Instance } from "../base/instance.ts";
import type { Clock } from "../base/time.ts";
import type { Var } from "../base/var.ts";
import type { Mirror } from "../bridge/mirror.ts";
import type { Config, RouterConfig } from "../config/config.ts";
import type { AnyPlugin } from "../config/plugin.ts";
import type { AskedRequest, Identified } from "../naming/asked-request.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { Path } from "../naming/path.ts";

/** The terminal, or what stands for it in a test. */
export interface CliIo {
  /** Standard output; without a line end of its own. */
  out(text: string): void;
  err(text: string): void;
  /** The whole of standard input. */
  input(): Promise<string>;
  /** Whether what goes to `out` and `err` may be coloured. */
  readonly colour: boolean;
}

/** Namers and interpreters of a configuration, without a daemon. */
export interface NamingRoot extends AsyncDisposable {
  interpreterFor(router: RouterConfig): Interpreter;
}

/** The mirrors of a configuration and what its namers list, without a daemon. None of them runs. */
export interface BridgeRoot extends AsyncDisposable {
  readonly mirrors: readonly Mirror[];
  /** `undefined` where no namer that can list serves the path. */
  instances(path: Path): Var<readonly Instance[]> | undefined;
}

export interface RunOptions {
  /** Also starts the instances of the quick start in this process. */
  readonly demo: boolean;
  /** Takes up the file again as soon as it changes. */
  readonly watch: boolean;
  /** Runs no router, only the mirrors of the file, or the one of that name. */
  readonly mirrorsOnly?: MirrorsOnly;
}

export interface MirrorsOnly {
  readonly only?: string;
  /** In place of what the file says. */
  readonly adminPort?: number;
}

/** The process that serves now, or why the old one serves on. */
export type TakenOver = { readonly pid: number } | { readonly problem: string; readonly isNobodyHome: boolean };

export interface Roots {
  readonly version: string;
  readonly clock: Clock;
  /** The plugins in the box. */
  readonly builtins: readonly AnyPlugin[];
  /** Runs until it is told to end; resolves with the exit code. */
  startDaemon(config: Config, io: CliIo, options: RunOptions): Promise<number>;
  /** Has a new process of this installation take over from the daemon that runs; `started` hears of it at once. */
  takeOver(config: Config, started: (pid: number) => void): Promise<TakenOver>;
  openNaming(config: Config): Promise<NamingRoot>;
  /** `isDry`: nothing will be written. */
  openBridge(config: Config, isDry: boolean): Promise<BridgeRoot>;
  /** What that router would take a request for, by the code that its requests pass. */
  identify(config: Config, router: RouterConfig, request: AskedRequest): Promise<Identified>;
  /** What this host cannot do for a daemon with that configuration, a sentence each. */
  hostLimits(config: Config): readonly string[];
}

export const exitCodes = {
  ok: 0,
  problem: 1,
  usage: 2,
  unreachable: 3,
  config: 78,
} as const;
