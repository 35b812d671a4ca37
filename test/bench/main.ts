/** `npm run bench -- h1|h2|grpc|tls|large|ws|streams|idle|workers|scale|explain|reload|picks|guards|mirror`: linkspan and its peers, in one run on one machine. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { missingH2load } from "./load/h2load.ts";
import { explain } from "./modes/explain.ts";
import { idle } from "./modes/idle.ts";
import { large } from "./modes/large.ts";
import { grpc, h1, h2, streams, tls } from "./modes/requests.ts";
import { reloads } from "./modes/reload.ts";
import type { Mode } from "./modes/scenario.ts";
import { scale } from "./modes/scale.ts";
import { ws } from "./modes/tunnels.ts";
import { workers } from "./modes/workers.ts";
import { guards } from "./modes/guards.ts";
import { mirror } from "./modes/mirror.ts";
import { picks } from "./modes/picks.ts";
import { peers } from "./peers/all.ts";
import type { Peer } from "./peers/peer.ts";
import { withTables } from "./pages.ts";
import { type Found, runScenario } from "./run.ts";
import { Site } from "./site.ts";
import { columns, markdown, type Table, tableOf } from "./table.ts";

const modes: Readonly<Record<string, Mode>> = { h1, h2, grpc, tls, large, ws, streams };
/** What is no load in rounds. */
const others = { idle, workers, scale, explain, reload: reloads, picks, guards, mirror };
const known = [...Object.keys(modes), ...Object.keys(others)];

const usage = `npm run bench -- [MODE...] [--rounds 5] [--seconds N] [--only linkspan,haproxy] [--json] [--docs] [--idle]
${Object.entries({ ...modes, ...others })
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  .join("\n")}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    docs: { type: "boolean", default: false },
    idle: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

interface Report {
  readonly mode: string;
  readonly about: string;
  readonly tables: readonly Table[];
  readonly found: Readonly<Record<string, readonly Found[]>>;
}

const tell = (line: string): void => console.error(line);

async function runMode(name: string, mode: Mode, chosen: readonly Peer[]): Promise<Report> {
  await using site = Site.open();
  const tables: Table[] = [];
  const found: Record<string, readonly Found[]> = {};
  for (const scenario of mode.scenarios) {
    const seconds = values.seconds === undefined ? mode.seconds : Number(values.seconds);
    const pacedSeconds = Math.min(mode.pacedSeconds, seconds);
    const all = await runScenario(scenario, chosen, site, {
      rounds: Number(values.rounds),
      seconds,
      pacedSeconds,
      tell,
    });
    found[scenario.title] = all;
    tables.push(tableOf(scenario.title, scenario.unit, all));
  }
  return { mode: name, about: mode.about, tables, found };
}

async function runOther(name: keyof typeof others, chosen: readonly Peer[]): Promise<Report> {
  await using site = Site.open();
  const { about, run } = others[name];
  return { mode: name, about, tables: await run(chosen, site, tell), found: {} };
}

function keep(report: Report): string {
  const results = join(import.meta.dirname, "../../bench-results");
  mkdirSync(results, { recursive: true });
  const file = join(results, `${report.mode}.json`);
  const machine = { at: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(file, `${JSON.stringify({ ...machine, ...report }, undefined, 2)}\n`);
  return file;
}

/** Into docs/bench.md, with the day and the command. */
function document({ mode, about, tables }: Report): void {
  const file = join(import.meta.dirname, "../../docs/bench.md");
  const args = process.argv.slice(2).filter((arg) => arg !== "--docs" && !known.includes(arg));
  const said = `${about}. ${new Date().toISOString().slice(0, 10)}, \`npm run bench -- ${[mode, ...args].join(" ")}\`:`;
  writeFileSync(file, withTables(readFileSync(file, "utf8"), mode, [said, ...tables.map(markdown)].join("\n\n")));
}

async function main(): Promise<void> {
  const asked = [...positionals, ...(values.idle ? ["idle"] : [])];
  const wanted = asked.length === 0 ? ["h1"] : asked;
  const unknown = wanted.filter((name) => !known.includes(name));
  if (values.help || unknown.length > 0) {
    if (unknown.length > 0) console.error(`unknown: ${unknown.join(", ")}`);
    console.log(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const names = values.only === "" ? undefined : values.only.split(",");
  const chosen = peers.filter(({ name }) => !names || names.includes(name));
  for (const { name, missing } of chosen) if (missing !== undefined) tell(`left out: ${name}: ${missing}`);
  if (missingH2load !== undefined) tell(missingH2load);
  for (const name of wanted) {
    const mode = modes[name];
    const report = mode ? await runMode(name, mode, chosen) : await runOther(name as keyof typeof others, chosen);
    const file = keep(report);
    if (values.docs) document(report);
    if (values.json) console.log(JSON.stringify(report));
    else console.log(`${report.about}\n\n${report.tables.map(columns).join("\n\n")}\n`);
    tell(`as data: ${file}`);
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
await main();
