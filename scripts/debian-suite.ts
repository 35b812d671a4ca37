/** Packages of another suite of Debian, unpacked into a folder and not installed: a program that this system's suite has not, or another version of one that it has. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runStep } from "./run-step.ts";

/** From the package `debian-archive-keyring`, which every Debian has. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * From the mirror that this system's own apt asks. `into` then holds their files as `/` would (`usr/bin/...`), and
 * nothing else; it is there only when everything is. Rejects with an Error that says what failed.
 */
export async function suitePackages(suite: string, packages: readonly string[], into: string): Promise<void> {
  const home = `${into}.apt`;
  const unpacked = `${into}.new`;
  for (const folder of [home, unpacked, into]) rmSync(folder, { recursive: true, force: true });
  try {
    const settings = aptSettings(suite, home);
    await step("apt-get", [...settings, "-q", "update"]);
    await step("apt-get", [...settings, "-q", "download", ...packages], join(home, "debs"));
    for (const deb of readdirSync(join(home, "debs"))) await step("dpkg", ["-x", join(home, "debs", deb), unpacked]);
    renameSync(unpacked, into);
  } finally {
    for (const folder of [home, unpacked]) rmSync(folder, { recursive: true, force: true });
  }
}

/** An apt of its own in `home`: the system's lists, cache and packages are neither read nor written. */
function aptSettings(suite: string, home: string): readonly string[] {
  for (const folder of ["lists/partial", "cache/archives/partial", "debs"]) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  writeFileSync(join(home, "status"), "");
  writeFileSync(join(home, "sources.list"), `deb [signed-by=${KEYRING}] ${mirror()} ${suite} main\n`);
  const settings = {
    "Dir::State::Lists": join(home, "lists"),
    "Dir::State::status": join(home, "status"),
    "Dir::Cache": join(home, "cache"),
    "Dir::Etc::SourceList": join(home, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    // The user that apt would download as may not write into a home folder.
    "APT::Sandbox::User": "root",
  };
  return Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}

/** Where this system's packages come from. */
function mirror(): string {
  const asked = ["indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"];
  const lines = execFileSync("apt-get", asked, { encoding: "utf8" }).split("\n");
  const found = lines.map((line) => /^Debian (\S+)$/.exec(line)?.[1]).find((uri) => uri !== undefined);
  if (found === undefined) throw new Error("apt knows no mirror of Debian; perhaps it wants an `apt-get update`");
  return found;
}

async function step(command: string, args: readonly string[], folder?: string): Promise<void> {
  const code = await runStep(command, args, process.env, folder);
  if (code !== 0) throw new Error(`${command} ${args.at(-1)} ended with code ${code}`);
}
