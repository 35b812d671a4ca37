/** The files of the corpus, and what their comments say of them. */
import { readdirSync, readFileSync } from "node:fs";

/** One request that a file routes: `# asks: LABEL [https] METHOD TARGET NAME=VALUE... [-> STATUS]`. */
export interface Ask {
  /** Of the router whose first server is called; the first router if a file asks nothing. */
  readonly label: string | undefined;
  readonly tls: boolean;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** 200 where it is not said; `refused` where no answer is to come. */
  readonly status: number | "refused";
}

export interface CorpusFile {
  /** Without `.yaml`. Those that begin with `refused-` must be refused, all others accepted. */
  readonly name: string;
  readonly text: string;
  readonly isRefused: boolean;
  /** `LINE CODE` of each problem that there must be, and no other: `# <- CODE` stands in its line. */
  readonly problems: readonly string[];
  readonly asks: readonly Ask[];
}

const folder = new URL("linkerd/", import.meta.url);

/** Strict JSON has no comments. */
const inJson: Readonly<Record<string, readonly string[]>> = { "refused-json": ["1 json.syntax"] };

/** A word of a request, in quotes where there is a space in it. */
const WORD = /"[^"]*"|\S+/g;

export const corpusFiles: readonly CorpusFile[] = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .sort()
  .map((file) => read(file.slice(0, -".yaml".length), readFileSync(new URL(file, folder), "utf8")));

function read(name: string, text: string): CorpusFile {
  const isRefused = name.startsWith("refused-");
  const asks = [...text.matchAll(/^# asks: (.*)$/gm)].map(([, said = ""]) => said);
  const standard = /protocol"?\s?: "?h2/.test(text.split("servers")[0] ?? "") ? ":authority=web" : "host=web";
  return {
    name,
    text,
    isRefused,
    problems: inJson[name] ?? marked(text),
    asks: asks.length === 0 ? [readAsk(`- GET / ${standard}`)] : asks.filter((each) => each !== "nothing").map(readAsk),
  };
}

function readAsk(said: string): Ask {
  const [request = "", status] = said.split(" -> ");
  const [label = "", ...rest] = (request.match(WORD) ?? []).map((word) => word.replaceAll('"', ""));
  const tls = rest[0] === "https";
  const [method = "", target = "", ...headers] = tls ? rest.slice(1) : rest;
  const pairs = headers.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]);
  return {
    label: label === "-" ? undefined : label,
    tls,
    method,
    target,
    headers: Object.fromEntries(pairs) as Record<string, string>,
    status: status === "refused" ? status : Number(status ?? 200),
  };
}

function marked(text: string): string[] {
  return text.split("\n").flatMap((line, at) => {
    const codes = line.split("# <- ")[1]?.trim().split(" ") ?? [];
    return codes.map((code) => `${at + 1} ${code}`);
  });
}
