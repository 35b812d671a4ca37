/** A terminal that remembers, and roots that start nothing. */
import type { CliIo, NamingRoot, Roots } from "../../../src/cli/roots.ts";
import { runCli } from "../../../src/cli/main.ts";
import { systemClock } from "../../../src/base/time.ts";
import { testPlugins } from "../config/test-plugins.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const noNaming: NamingRoot = {
  interpreterFor() {
    throw new Error("nothing to explain in this test");
  },
  async [Symbol.asyncDispose]() {
    // Nothing was opened.
  },
};

export async function cli(
  argv: readonly string[],
  over: Partial<Roots> = {},
  terminal: { readonly input?: string; readonly colour?: boolean } = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const io: CliIo = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    input: () => Promise.resolve(terminal.input ?? ""),
    colour: terminal.colour ?? false,
  };
  const roots: Roots = {
    version: "1.2.3",
    clock: systemClock,
    builtins: testPlugins,
    startDaemon: () => Promise.resolve(0),
    takeOver: () => Promise.resolve({ pid: 4242 }),
    hostLimits: () => [],
    openNaming: () => Promise.resolve(noNaming),
    openBridge: () => Promise.reject(new Error("no registry is asked in this test")),
    identify: () => Promise.resolve({ kind: "refused", message: "no request is named in this test" }),
    ...over,
  };
  const code = await runCli(argv, io, roots);
  return { code, out, err };
}
