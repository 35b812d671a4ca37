// The examples of the README and the guide, run: files are checked, commands are typed, and what they print is compared.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { test } from "node:test";
import { demoWelcome } from "../../src/cli/welcome.ts";
import { demoInstances } from "../../src/demo-instances.ts";

const root = new URL("../../", import.meta.url).pathname;
const guide = (await readdir(join(root, "docs/guide"))).map((name) => `docs/guide/${name}`);
const pages = ["README.md", ...guide];

interface Block {
  readonly line: number;
  readonly language: string;
  /** What follows the language: `file=NAME`, `refused=NAME`, `test`, `output`, or `no-test` with a reason. */
  readonly rule: string;
  readonly text: string;
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w*)[ ]*(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: page.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    rule: match[2] ?? "",
    text: match[3] ?? "",
  }));
}

async function read(page: string): Promise<string> {
  return readFile(join(root, page), "utf8");
}

/** A folder with a command `linkspan` that runs the sources. */
class Workshop implements AsyncDisposable {
  readonly #folder: string;
  #printed = "";

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), "linkspan-docs-"));
    const command = `#!/bin/sh\nexec '${process.execPath}' --conditions=source '${root}src/main.ts' "$@"\n`;
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "bin/linkspan"), command, { mode: 0o755 });
    return new Workshop(folder);
  }

  async follow({ language, rule, text }: Block): Promise<void> {
    const [how, name] = rule.split("=");
    if (name !== undefined) await this.#write(name, text);
    if (how === "file") this.#check(name, language);
    else if (how === "refused") this.#printed = this.#run("linkspan", ["check", name ?? ""], { code: 78 });
    else if (rule === "output") assert.equal(timeless(this.#printed), timeless(text));
    else if (language === "sh")
      for (const line of text.trim().split("\n")) this.#printed = this.#run("sh", ["-c", line]);
    else this.#runProgram(text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#folder, { recursive: true });
  }

  async #write(name: string, text: string): Promise<void> {
    const file = join(this.#folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    // Readers have these folders.
    for (const [, named = ""] of text.matchAll(/\b(?:files|rootDir): (\.?[\w./]+)/g)) {
      if (!isAbsolute(named)) await mkdir(resolve(dirname(file), named), { recursive: true });
    }
  }

  #check(name: string | undefined, language: string): void {
    if (language === "yaml") this.#run("linkspan", ["check", name ?? ""]);
  }

  /** As it would be for one who installed the package: the name `linkspan` leads to this checkout. */
  #runProgram(text: string): void {
    this.#run(process.execPath, ["--conditions=source", "--input-type=module", "--eval", text], { cwd: root });
  }

  /** What it printed for a person: its output, or where it must fail its complaint. */
  #run(command: string, args: readonly string[], { cwd = this.#folder, code = 0 } = {}): string {
    const env = { ...process.env, PATH: `${join(this.#folder, "bin")}:${process.env["PATH"]}` };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: 20_000 });
    assert.equal(status, code, `${args.join(" ")}\n${stdout}${stderr}`);
    if (code !== 0) return stderr;
    assert.doesNotMatch(stderr, /warning/, args.join(" "));
    return stdout;
  }
}

function timeless(text: string): string {
  return text.replaceAll(/\d+\.\d s ago/g, "0.0 s ago").trim();
}

for (const page of pages) {
  test(`the examples of ${page} do what it says`, { timeout: 60_000 }, async () => {
    const blocks = blocksOf(await read(page));
    assert.ok(blocks.length > 0);
    await using workshop = await Workshop.open();
    for (const block of blocks.filter(({ rule }) => !rule.startsWith("no-test"))) {
      await workshop.follow(block).catch((cause: unknown) => {
        throw new Error(`${page}:${block.line}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      });
    }
  });
}

test("every example says how it is tested, or that it is not", async () => {
  for (const page of pages) {
    for (const { line, language, rule } of blocksOf(await read(page))) {
      assert.match(
        rule,
        /^(?:(?:file|refused)=\S+|test|output|no-test(?: \(.+\))?)$/,
        `${page}:${line}: ${language} ${rule}`,
      );
    }
  }
});

test("every link between the pages leads to a file", async () => {
  for (const page of [...pages, "ARCHITECTURE.md", "CONTRIBUTING.md"]) {
    for (const [, link = ""] of (await read(page)).matchAll(/\]\((?!https?:)([^)#\s]+)/g)) {
      await assert.doesNotReject(readdirOrFile(join(root, dirname(page), link)), `${page}: ${link}`);
    }
  }
});

test("the README shows what the quick start says", async () => {
  const instances = demoInstances.map(({ port, name }) => `127.0.0.1:${port} (${name})`);
  const listening = { servers: [{ host: "127.0.0.1", port: 4140 }], admin: { host: "127.0.0.1", port: 9990 } };
  const said = demoWelcome(listening, instances, "config/disco/users").trim();
  assert.ok((await read("README.md")).includes(said), said);
});

async function readdirOrFile(path: string): Promise<void> {
  if (path.endsWith("/")) await readdir(path);
  else await readFile(path);
}
