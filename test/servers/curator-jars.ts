/** Where the jars of each version of Curator are, what is missing to run one, and how our programs for it are compiled. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { curatorFolders } from "./installed.ts";

/** 2.7 and 5.7 are Debian's packages of other suites, unpacked; 5.4 is installed. */
export type CuratorVersion = "2.7" | "5.4" | "5.7";

export const curatorVersions: readonly CuratorVersion[] = ["2.7", "5.4", "5.7"];

const JAVA = "/usr/share/java";
/** In this order: each one's manifest brings those before it from where the system has its own. */
const CURATOR = ["curator-client", "curator-framework", "curator-recipes", "curator-x-discovery"];
const SHARED = [
  "zookeeper",
  "zookeeper-jute",
  "guava",
  "jackson-core",
  "jackson-databind",
  "jackson-annotations",
  "slf4j-api",
  "slf4j-nop",
  "netty-common",
  "netty-buffer",
  "netty-handler",
  "netty-transport",
  "netty-resolver",
  "netty-codec",
  "metrics-core",
  "snappy-java",
];
/** The serialiser of those days. */
const OLD_JACKSON = ["jackson-core-asl", "jackson-mapper-asl"];

const run = promisify(execFile);

function jarsOf(version: CuratorVersion): readonly string[] {
  const own = version === "5.4" ? JAVA : join(curatorFolders[version], JAVA);
  const names = version === "2.7" ? [...CURATOR, ...OLD_JACKSON] : CURATOR;
  return [...names.map((name) => join(own, `${name}.jar`)), ...SHARED.map((name) => join(JAVA, `${name}.jar`))];
}

/** What is missing to run it, or `undefined`. */
export function missingForCurator(version: CuratorVersion = "5.4"): string | undefined {
  const jar = jarsOf(version).find((each) => !existsSync(each));
  if (jar !== undefined) return `${jar} is missing: npm run servers`;
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, "javac"))) ? undefined : "javac is missing: npm run servers";
}

/** The class path of the program of that name in `curator/`, compiled when it is first needed. */
export async function curatorClassPath(program: string, version: CuratorVersion = "5.4"): Promise<string> {
  const jars = jarsOf(version);
  return [await compiled(program, jars), ...jars].join(":");
}

/** The folder of the classes: outside the checkout, one for each text of the source and each set of jars. */
async function compiled(program: string, jars: readonly string[]): Promise<string> {
  const file = new URL(`./curator/${program}.java`, import.meta.url);
  const hash = createHash("sha256")
    .update(await readFile(file))
    .update(jars.join(":"));
  const cache = process.env["LINKSPAN_TEST_CACHE"] ?? join(tmpdir(), "linkspan-test-cache");
  const target = join(cache, `curator-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, "compiling-"));
  await run("javac", ["-d", fresh, "-cp", jars.join(":"), file.pathname]);
  // Another test process may have been quicker.
  await rename(fresh, target).catch(() => rm(fresh, { recursive: true }));
  return target;
}
