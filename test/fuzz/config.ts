/** Fuzzes configurations: `node --conditions=source test/fuzz/config.ts --seed 1 --seconds 20`. */
import { builtins } from "../../src/builtins.ts";
import { ConfigError, type ConfigProblem } from "../../src/config/config-error.ts";
import { parseConfig } from "../../src/config/load.ts";
import { problemCodes } from "../../src/config/problem-code.ts";
import { problemData } from "../../src/config/problem-data.ts";
import { showProblems } from "../../src/config/problem-text.ts";
import type { Random } from "../../src/base/time.ts";
import { corpusFiles } from "../corpus/corpus-file.ts";
import { notInTheFormat } from "../corpus/problem-format.ts";
import { mutated } from "./mutate.ts";
import { Finding, type Fuzzer, runByHand } from "./runner.ts";

const shortForms = [
  "sources:\n  zk: {zookeeper: 'zk1:2181/chroot', path: /services}\n  f: {files: ./disco}\nlisten: 4140\nroutes:\n  users: zk/users\n  cart: {f/cart: 10, zk/cart: 90}\n  '*': zk/*\n",
  "sources: {k8s: {kubernetes: in-cluster}, dns: {dns: true}}\nlisten: {http: 4140, h2: 4142, tcp: {3306: dns/db:3306}}\nroutes:\n  mail: {to: [k8s/a/mail, dns/mail:80], timeout: 2s, retries: 2}\ntrust: [10.0.0.0/8]\n",
];

const seeds = [...corpusFiles.filter(({ isRefused }) => !isRefused).map(({ text }) => text), ...shortForms];

const words =
  "\n|  |\t|- |: |{|}|[|]|'|\"|#|&a |*a|!t |<<: |---\n|...\n|>-\n|%YAML 1.1\n|~|null|yes|0777|1e9|-1|0x1F|12:30|.inf|\u00a0|\ufeff|\u2028|\u0000|\\x|=> |;|/svc|/#/|/$/inet|kind: |prefix: |configs:\n|servers:\n|dtab: |__proto__: |constructor: |toString: ";
/** A `|` is among the words too. */
const dictionary = ["|", ...words.split("|")];

/** One input takes a few ms; on a machine with other work, more. */
const SLOW_MS = 3_000;

export class ConfigFuzzer implements Fuzzer {
  readonly name = "config";
  readonly reached = { accepted: 0, warned: 0, refused: 0, unreadable: 0 };

  async round(random: Random): Promise<number> {
    const inputs = 10;
    for (let left = inputs; left > 0; left--) await this.#try(mutated(random, seeds, dictionary));
    return inputs;
  }

  async #try(text: string): Promise<void> {
    const startedAt = performance.now();
    const problems = await this.#problems(text);
    const took = performance.now() - startedAt;
    if (took > SLOW_MS) throw new Finding(`it took ${took} ms`, [text]);
    const lines = text.split("\n");
    for (const problem of problems) checkPlace(problem, lines, text);
    const odd = problems.length === 0 ? [] : notInTheFormat(showProblems(problems, "Next: mend it"));
    if (odd.length > 0) throw new Finding(`not in the format: ${odd.join("; ")}`, [text]);
    JSON.stringify(problems.map(problemData));
  }

  async #problems(text: string): Promise<readonly ConfigProblem[]> {
    try {
      const { warnings } = await parseConfig(text, { file: "f.yaml", baseDir: "/nowhere", builtins });
      this.reached.accepted++;
      if (warnings.length > 0) this.reached.warned++;
      return warnings;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw new Finding("it is neither accepted nor refused", [text], error);
      this.reached.refused++;
      if (error.problems.some(({ code }) => code.endsWith(".syntax"))) this.reached.unreadable++;
      if (error.problems.length === 0) throw new Finding("it is refused without a word", [text], error);
      return error.problems;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function checkPlace({ line, column, length, code, message }: ConfigProblem, lines: string[], text: string): void {
  const written = lines[line - 1];
  // A byte order mark stands before the first column.
  const room = (written?.length ?? -1) + 1;
  if (written === undefined || column < 1 || column > room || length < 1)
    throw new Finding(`${line}:${column}+${length} is no place in the text`, [text]);
  if (!Object.hasOwn(problemCodes, code)) throw new Finding(`the code ${code} is not in the list`, [text]);
  if (message === "" || message.includes("\n")) throw new Finding(`the message is not a line: ${message}`, [text]);
}

if (import.meta.main) await runByHand(new ConfigFuzzer());
