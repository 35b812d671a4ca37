/** How long a running daemon takes to say why a name goes where it goes, when its dtab has two thousand lines. */
import { join } from "node:path";
import type { ExplainQuestion } from "../../../src/naming/explanation.ts";
import { type SpawnedDaemon, spawnDaemon } from "../../e2e/cli.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";
import type { Peer } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const LINES = 2_000;
const WARM_UP = 10;
const ASKED = 200;

const numbers = Array.from({ length: LINES }, (_, at) => at);

/** By the label of the router that has it: a dtab of as many lines. */
const dtabs: Readonly<Record<string, string>> = {
  parted: numbers.map((at) => `/svc/n${at} => /#/io.l5d.fs/users ;`).join("\n"),
  alternatives: `/svc => /#/io.l5d.fs ;\n${numbers.map((at) => `/svc => /none/${at} ;`).join("\n")}`,
  addresses: `${numbers.map((at) => `/svc => /$/inet/127.0.0.1/${at + 1} ;`).join("\n")}\n/svc => /#/io.l5d.fs ;`,
  registry: `${numbers.map((at) => `/svc => /#/io.l5d.fs/s${at} ;`).join("\n")}\n/svc => /#/io.l5d.fs ;`,
};

interface Case {
  readonly title: string;
  readonly path: string;
  readonly body: object;
}

const explained = (title: string, question: ExplainQuestion): Case => ({ title, path: "/api/explain", body: question });

const cases: readonly Case[] = [
  explained("one of 2,000 lines matches", { router: "parted", name: "/svc/n1234" }),
  explained("all match; the last of the alternatives is there", { router: "alternatives", name: "/svc/users" }),
  explained("all match; the first is there, and each other is an address", { router: "addresses", name: "/svc/users" }),
  explained("all match; the first is there, each other a name that nobody watches", {
    router: "registry",
    name: "/svc/users",
  }),
  explained("2,000 lines sent along", { router: "parted", name: "/svc/users", dtab: dtabs["alternatives"] as string }),
  {
    title: "2,000 lines sent to /delegator.json",
    path: "/delegator.json",
    body: { namespace: "parted", path: "/svc/users", dtab: dtabs["alternatives"] },
  },
];

async function row({ title, path, body }: Case, daemon: SpawnedDaemon): Promise<readonly string[]> {
  const took: number[] = [];
  let size = 0;
  for (let at = 0; at < WARM_UP + ASKED; at++) {
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${daemon.adminPort}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${title}: ${response.status} ${text.slice(0, 200)}`);
    if (at >= WARM_UP) took.push(performance.now() - begun);
    size = text.length;
  }
  took.sort((a, b) => a - b);
  const quantile = (share: number): string => (took[Math.ceil(share * took.length) - 1] ?? 0).toFixed(1);
  return [title, quantile(0.5), quantile(0.99), quantile(1), (size / 1_024).toFixed(0)];
}

export const explain = {
  about: "Why a name goes where it goes, asked 200 times of a running daemon with 2,000 lines of dtab",
  async run(_: readonly Peer[], _site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
    using folder = tempFolder({ "disco/users": "127.0.0.1 8080\n" });
    for (const at of numbers) folder.write(`disco/s${at}/users`, "127.0.0.1 8080\n");
    const routers = Object.entries(dtabs).map(
      ([label, dtab]) =>
        `- protocol: http\n  label: ${label}\n  dtab: |\n    ${dtab.replaceAll("\n", "\n    ")}\n  servers: [{port: 0}]\n`,
    );
    const file = folder.write(
      "linkerd.yaml",
      `admin: {port: 0}\nnamers: [{kind: io.l5d.fs, rootDir: ${join(folder.path, "disco")}}]\nrouters:\n${routers.join("")}`,
    );
    await using daemon = await spawnDaemon(file);
    const rows: (readonly string[])[] = [];
    for (const each of cases) {
      const found = await row(each, daemon);
      tell(found.join("  "));
      rows.push(found);
    }
    return [{ title: "An explanation", heads: ["what is asked", "ms p50", "ms p99", "ms most", "KB"], rows }];
  },
};
