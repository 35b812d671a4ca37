/** `npm run demo -- NAME`: shows on fake backends, beside each other, what a way to run a service is worth. */
import { parseArgs } from "node:util";
import { accrual } from "./demo/accrual.ts";
import type { Demo } from "./demo/demo.ts";
import { ewma } from "./demo/ewma.ts";
import { aboutMigrate, runMigrate } from "./demo/migrate/run-migrate.ts";
import { LiveTable } from "./demo/live-table.ts";
import { retries } from "./demo/retries.ts";
import { play } from "./demo/run-demo.ts";

const demos: readonly Demo[] = [ewma, accrual, retries];

const MIGRATE = "migrate";

const usage = `npm run demo -- ${demos.map(({ name }) => name).join("|")} [--seconds N] [--seed N] [--json]
npm run demo -- ${MIGRATE} [--real|--fake] [--json]

${[...demos, { name: MIGRATE, about: aboutMigrate }].map(({ name, about }) => `  ${name.padEnd(9)} ${about}`).join("\n")}

  --real        on real registries, or not at all
  --fake        on played ones; real ones are taken where they are if neither is said
  --seconds N   how long it takes; a story of 60 s in 20 is told three times as fast
  --seed N      another course of chance
  --json        the result as data, and nothing else
`;

interface Asked {
  readonly demo: Demo;
  readonly seconds: number;
  readonly seed: number;
  readonly json: boolean;
}

/** What the command line asks for, or why it asks for nothing. */
function read(args: readonly string[]): Asked | "help" | string {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const [name, ...more] = positionals;
  const demo = demos.find((each) => each.name === name);
  if (name === undefined || more.length > 0) return "say which demo";
  if (demo === undefined) return `there is no demo \`${name}\``;
  const seconds = values.seconds === undefined ? demo.seconds : Number(values.seconds);
  const seed = Number(values.seed ?? demo.seed ?? 1);
  if (!(seconds >= 1 && seconds <= 3600)) return "--seconds is a number from 1 to 3600";
  if (!Number.isSafeInteger(seed)) return "--seed is a whole number";
  return { demo, seconds, seed, json: values.json };
}

function readOrSay(args: readonly string[]): Asked | string {
  try {
    return read(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Ends at the first signal. */
function ended(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** `undefined` where the command line asks for something else. */
function migration([name, ...flags]: readonly string[]): Promise<number> | undefined {
  if (name !== MIGRATE || flags.some((flag) => !["--real", "--fake", "--json"].includes(flag))) return undefined;
  const wanted = flags.includes("--real") ? "real" : flags.includes("--fake") ? "fake" : "any";
  return runMigrate({ wanted, json: flags.includes("--json"), signal: ended() });
}

async function main(): Promise<number> {
  const migrated = migration(process.argv.slice(2));
  if (migrated !== undefined) return migrated;
  const asked = readOrSay(process.argv.slice(2));
  if (asked === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (typeof asked === "string") {
    process.stderr.write(`${asked}\n\n${usage}`);
    return 2;
  }
  const { demo, seconds, seed, json } = asked;
  const signal = ended();
  const table = json ? undefined : new LiveTable(demo, process.stdout);
  table?.head();
  const show = table && { show: table.show.bind(table) };
  const report = await play(demo, { seconds, seed, signal, ...show });
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else table?.end(report);
  return signal.aborted ? 1 : 0;
}

process.exitCode = await main();
