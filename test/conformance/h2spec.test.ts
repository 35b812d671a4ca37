/** h2spec, all of its cases, against the HTTP/2 server of a daemon with a backend behind it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { startDaemon } from "../e2e/daemon.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { startBackend } from "../load/backend.ts";
import { authority } from "../servers/certificates.ts";
import { missingFor, programs } from "../servers/installed.ts";
import { requireServer } from "../servers/require.ts";

/** With the strict ones. */
const CASES = 146;
/** Some cases send a request, then a wrong frame on its stream: an answer in between would close the stream first. */
const ANSWER_MS = 50;
const run = promisify(execFile);

interface Case {
  readonly section: string;
  readonly what: string;
  /** What was expected and what came, where it failed. */
  readonly failure: string | undefined;
}

const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  "#34": '"',
  "#39": "'",
  "#xA": " ",
};

function plain(xml: string): string {
  return xml
    .replaceAll(/&(#?\w+);/g, (_, name: string) => entities[name] ?? " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** The cases of a JUnit report. */
function casesOf(report: string): readonly Case[] {
  const found = report.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  return [...found].map(([, attributes = "", content = ""]) => ({
    section: plain(/package="([^"]*)"/.exec(attributes)?.[1] ?? ""),
    what: plain(/classname="([^"]*)"/.exec(attributes)?.[1] ?? ""),
    failure: /<(?:failure|error|skipped)/.test(content) ? plain(content.replaceAll(/<[^>]*>/g, " ")) : undefined,
  }));
}

/** Runs the cases, or those of the sections among `options`, against what listens on the port. */
async function judge(port: number, options: readonly string[] = []): Promise<readonly Case[]> {
  using folder = tempFolder();
  const report = join(folder.path, "report.xml");
  const args = ["-S", "-h", "127.0.0.1", "-p", String(port), "-o", "2", "-j", report, ...options];
  // Its exit code says no more than the report does.
  await run(programs.h2spec, args, { timeout: 120_000, maxBuffer: 1 << 24 }).catch(() => undefined);
  return casesOf(readFileSync(report, "utf8"));
}

/** The cases that failed, each with what was expected and what came. */
async function failedAgainst(server: string, options: readonly string[] = []): Promise<readonly string[]> {
  await using backend = await startBackend("served", { delayMs: ANSWER_MS });
  using folder = tempFolder({ all: `127.0.0.1 ${backend.port}\n` });
  await using daemon = await startDaemon(
    `admin: {port: 0}
shutdown: {grace: 100ms}
namers: [{kind: io.l5d.fs, rootDir: .}]
routers:
- protocol: h2
  dtab: /svc/* => /#/io.l5d.fs/all
  client: {protocol: http}
  servers: [{port: 0${server}}]
`,
    folder.path,
  );
  const cases = await judge(daemon.port, options);
  assert.equal(cases.length, CASES);
  return cases.flatMap(({ section, what, failure }) => (failure === undefined ? [] : `${section} ${what}: ${failure}`));
}

describe(`the ${CASES} cases of h2spec`, { timeout: 300_000 }, () => {
  it("all pass", async (t) => {
    if (requireServer(t, missingFor("h2spec"))) assert.deepEqual(await failedAgainst(""), []);
  });

  it("all pass over TLS", async (t) => {
    if (!requireServer(t, missingFor("h2spec"))) return;
    using trusted = authority();
    const { certPath, keyPath } = trusted.issue("all", { commonName: "127.0.0.1", names: ["IP:127.0.0.1"] });
    assert.deepEqual(await failedAgainst(`, tls: {certPath: ${certPath}, keyPath: ${keyPath}}`, ["-t", "-k"]), []);
  });

  it("would be seen to fail", async (t) => {
    if (!requireServer(t, missingFor("h2spec"))) return;
    await using backend = await startBackend("speaks HTTP/1");
    const cases = await judge(backend.port, ["generic/3.1"]);
    assert.deepEqual(
      cases.map(({ section, what, failure }) => [section, what, failure !== undefined]),
      [
        ["generic/3.1", "Sends a DATA frame", true],
        ["generic/3.1", "Sends multiple DATA frames", true],
        ["generic/3.1", "Sends a DATA frame with padding", true],
      ],
    );
  });
});
