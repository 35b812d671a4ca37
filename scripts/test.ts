/** Runs one of the sets of tests: `fast`, `all`, `chaos`, `long`. */
import { globSync } from "node:fs";
import { spawn } from "node:child_process";

const setNames = ["fast", "all", "chaos", "long"] as const;
type SetName = (typeof setNames)[number];

interface Group {
  readonly name: string;
  readonly files: string;
  /** Of these files those that another group has. */
  readonly except?: readonly string[];
  readonly sets: readonly SetName[];
  /** Tiny files share one process; what opens servers gets one each. */
  readonly isolated: boolean;
  readonly concurrency: number;
  /** Begins while the group before it runs: neither of them measures anything. */
  readonly besideLast?: boolean;
}

/** The contracts of namers and interpreters once more, on real servers: as on fakes, they wait more than they compute. */
const CONTRACTS =
  "test/integration/{consul-announcer,consul-namer,curator-zookeeper,dns-dnsmasq,groups-zookeeper,interpreters,kubernetes-announcer,kubernetes-endpoints,kubernetes-namer,stores,zookeeper-announcers,zookeeper-generations}.test.ts";

/** What a reader is told to type, and every example: on the ports that they name, so one at a time. */
const DOCUMENTS = "test/e2e/{demo,docs,examples,quickstart}.test.ts";

/** Parts that wait for sockets, where other units compute. */
const NAMERS = "test/unit/namers/**/*.test.ts";

/** Random changes and troubles of a whole registry, ten seconds each. */
const MODELS = "test/property/{bridge-model,registry-model,kubernetes-reflection,mirror-model,mirror-fakes}.test.ts";

/** Ends of a daemon that are looked at with a request or two: none of them sends at a rate that it claims. */
const FEATURES =
  "test/e2e/{access-log,admin,announcers,bad-input,crossing,crossing-flow,crossing-tunnels,drift,dual-registration,explain,faults-and-shadows,grpc-failures,grpc-retries,health-checks,linkerd-keys,matches,metrics,mirrors,shift-fleet,shift-scope,shutdown,snapshot,socket-activation,tcp,tcp-flow,tcp-sni,threads,tls,websocket,why}.test.ts";

/** Some hundred requests a second for half a minute each, which leaves room for another of them. */
const DEMOS = "test/e2e/demo-*.test.ts";
/** Waits for a minute to see that nothing is left. */
const RELOADS = "test/e2e/reload-load.test.ts";

const groups: readonly Group[] = [
  {
    name: "unit",
    files: "test/unit/**/*.test.ts",
    except: [NAMERS],
    sets: ["fast", "all"],
    isolated: false,
    concurrency: 1,
  },
  { name: "namers", files: NAMERS, sets: ["fast", "all"], isolated: false, concurrency: 1, besideLast: true },
  {
    name: "property",
    files: "test/property/**/*.test.ts",
    sets: ["all"],
    isolated: true,
    concurrency: 1,
    besideLast: true,
  },
  {
    name: "laws",
    files: "test/property/**/*.test.ts",
    except: [MODELS, "test/property/explained-requests.test.ts"],
    sets: ["fast"],
    isolated: true,
    concurrency: 1,
    besideLast: true,
  },
  {
    name: "models",
    files: MODELS,
    sets: ["long"],
    isolated: true,
    concurrency: 2,
  },
  {
    name: "contract",
    files: "test/contract/**/*.test.ts",
    sets: ["fast", "all"],
    isolated: true,
    // They wait more than they compute.
    concurrency: 8,
    besideLast: true,
  },
  { name: "conformance", files: "test/conformance/**/*.test.ts", sets: ["all"], isolated: true, concurrency: 2 },
  {
    name: "fuzz",
    files: "test/fuzz/*.test.ts",
    sets: ["all", "long"],
    isolated: true,
    concurrency: 2,
    besideLast: true,
  },
  {
    name: "e2e",
    files: "test/e2e/*.test.ts",
    except: [DOCUMENTS, DEMOS, RELOADS, FEATURES],
    sets: ["all"],
    isolated: true,
    concurrency: 1,
  },
  { name: "features", files: FEATURES, sets: ["all"], isolated: true, concurrency: 3 },
  { name: "demos", files: DEMOS, sets: ["all"], isolated: true, concurrency: 2 },
  { name: "memory", files: "test/e2e/bounded-memory.test.ts", sets: ["long"], isolated: true, concurrency: 1 },
  { name: "grpc", files: "test/e2e/grpc-load.test.ts", sets: ["long"], isolated: true, concurrency: 1 },
  {
    name: "take-over",
    files: "test/e2e/{take-over,thread-loss}.test.ts",
    sets: ["long"],
    isolated: true,
    concurrency: 1,
  },
  {
    name: "Java readers",
    files: "test/integration/announcer-java.test.ts",
    sets: ["long"],
    isolated: true,
    concurrency: 1,
  },
  { name: "threads", files: "test/e2e/threads.test.ts", sets: ["long"], isolated: true, concurrency: 1 },
  { name: "real contracts", files: CONTRACTS, sets: ["all"], isolated: true, concurrency: 3 },
  { name: "documents", files: DOCUMENTS, sets: ["all"], isolated: true, concurrency: 1, besideLast: true },
  {
    name: "integration",
    files: "test/integration/*.test.ts",
    except: [CONTRACTS],
    sets: ["all"],
    isolated: true,
    // They wait for their servers more than they compute.
    concurrency: 3,
  },
  {
    name: "mirrors",
    files: "test/integration/mirror-size.test.ts",
    sets: ["long"],
    isolated: true,
    concurrency: 1,
  },
  {
    name: "chaos",
    files: "test/chaos/*.test.ts",
    sets: ["chaos", "long"],
    isolated: true,
    // Each sends 500 requests a second, and claims to have sent them.
    concurrency: 1,
  },
  { name: "browser", files: "test/browser/*.test.ts", sets: ["all"], isolated: true, concurrency: 1 },
  { name: "leaks", files: "test/leaks/!(soak).test.ts", sets: ["all", "long"], isolated: true, concurrency: 1 },
  { name: "soak", files: "test/leaks/soak.test.ts", sets: ["all", "long"], isolated: true, concurrency: 1 },
  { name: "reload", files: RELOADS, sets: ["all", "long"], isolated: true, concurrency: 1, besideLast: true },
  {
    name: "package",
    files: "test/package/*.test.ts",
    sets: ["all"],
    isolated: true,
    concurrency: 1,
    besideLast: true,
  },
];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly code: number;
  /** The lines that name what failed, and say why. */
  readonly failures: readonly string[];
}

function runGroup(group: Group, set: SetName, show: (bytes: Buffer) => void): Promise<Outcome> {
  const files = globSync(group.files, { exclude: group.except ?? [] }).sort();
  if (files.length === 0) return Promise.resolve({ passed: 0, failed: 0, skipped: 0, code: 0, failures: [] });
  const isolation = group.isolated ? [`--test-concurrency=${group.concurrency}`] : ["--test-isolation=none"];
  const args = [
    "--conditions=source",
    "--test",
    "--test-reporter=spec",
    "--test-timeout=1800000",
    ...isolation,
    ...files,
  ];
  const env = { ...process.env, LINKSPAN_TESTS: set };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const counted = new Map<string, number>();
  const failures: string[] = [];
  let inFailures = false;
  let line = "";
  child.stdout.on("data", (bytes: Buffer) => {
    show(bytes);
    const lines = (line + bytes.toString("utf8")).split("\n");
    line = lines.pop() ?? "";
    for (const each of lines) {
      inFailures ||= each === "✖ failing tests:";
      if (inFailures) failures.push(each);
      const [, what, count] = /^ℹ (pass|fail|skipped) (\d+)$/.exec(each) ?? [];
      if (what !== undefined) counted.set(what, Number(count));
    }
  });
  const count = (what: string): number => counted.get(what) ?? 0;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ passed: count("pass"), failed: count("fail"), skipped: count("skipped"), code: code ?? 1, failures });
    });
  });
}

/** In CI a skipped test is a failed one: every server that a test needs is to be there. */
function verdict(outcomes: readonly Outcome[]): number {
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
  const skipped = sum((each) => each.skipped);
  const broken = outcomes.filter((each) => each.code !== 0).length;
  const failed = Math.max(
    sum((each) => each.failed),
    broken,
  );
  if (process.env["CI"] === "true" && skipped > 0)
    console.error(`${skipped} tests were skipped, which CI does not allow`);
  // Once more at the very end: a log of six thousand tests is read from there.
  for (const { failures } of outcomes) if (failures.length > 0) console.log(failures.join("\n"));
  console.log(`${sum((each) => each.passed)} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || (process.env["CI"] === "true" && skipped > 0) ? 1 : 0;
}

const name = process.argv[2] ?? "all";
const asked = setNames.find((each) => each === name);
if (asked === undefined) {
  console.error(`unknown set of tests: ${name}; expected one of ${setNames.join(", ")}`);
  process.exit(2);
}
const only = process.argv.slice(3);

/** Runs it, and shows what it printed in one piece when `shared` says that others print meanwhile. */
async function timed(group: Group, set: SetName, shared: boolean): Promise<Outcome> {
  const startedAt = performance.now();
  const printed: Buffer[] = [];
  const title = `\n== ${group.name}\n`;
  if (!shared) process.stdout.write(title);
  const outcome = await runGroup(
    group,
    set,
    (bytes) => void (shared ? printed.push(bytes) : process.stdout.write(bytes)),
  );
  if (shared) process.stdout.write(Buffer.concat([Buffer.from(title), ...printed]));
  console.log(`== ${group.name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return outcome;
}

const chosen = groups.filter(
  ({ sets, name: own }) => sets.includes(asked) && (only.length === 0 || only.includes(own)),
);
const outcomes: Outcome[] = [];
while (chosen.length > 0) {
  const next = chosen.findIndex((group, at) => at > 0 && group.besideLast !== true);
  const together = chosen.splice(0, next < 0 ? chosen.length : next);
  outcomes.push(...(await Promise.all(together.map((group) => timed(group, asked, together.length > 1)))));
}
process.exitCode = verdict(outcomes);
