/** What the walk-through is played in: a folder with a configuration, the daemon that runs it, and commands as one types them. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as letPass } from "node:timers/promises";
import { start } from "../../../src/index.ts";
import type { AsyncStack } from "./instances.ts";
import type { Registries } from "./stage.ts";

/** What a command came to. */
export interface Typed {
  readonly command: string;
  readonly output: string;
  readonly code: number;
}

/** Who shows what happens. */
export interface Show {
  step(title: string): void;
  said(sentence: string): void;
  typed(typed: Typed): void;
  file(name: string, text: string): void;
}

const COMMAND_MS = 60_000;
const POLL_MS = 100;

export class Walk {
  readonly registries: Registries;
  readonly show: Show;
  readonly #folder: string;
  #daemon: { readonly port: number; readonly admin: string } | undefined;

  private constructor(registries: Registries, show: Show, folder: string) {
    this.registries = registries;
    this.show = show;
    this.#folder = folder;
  }

  static async open(stack: AsyncStack, registries: Registries, show: Show): Promise<Walk> {
    const folder = await mkdtemp(join(tmpdir(), "linkspan-migrate-"));
    stack.defer(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "kubeconfig"), registries.kubeconfig);
    return new Walk(registries, show, folder);
  }

  /** Of the server that callers ask. */
  get port(): number {
    return this.#daemon?.port ?? 0;
  }

  /** Writes the configuration and shows it. */
  async configure(text: string): Promise<void> {
    await writeFile(join(this.#folder, "linkspan.yaml"), text);
    this.show.file("linkspan.yaml", text);
  }

  /** In this process, as `linkspan run linkspan.yaml` runs it in one of its own. */
  async startDaemon(stack: AsyncStack): Promise<void> {
    const file = join(this.#folder, "linkspan.yaml");
    const daemon = await start({ file, writeLog: () => undefined, watch: false });
    stack.defer(() => daemon.close());
    this.#daemon = { port: daemon.servers[0]?.port ?? 0, admin: `http://127.0.0.1:${daemon.admin.port}` };
  }

  /** Types a command at the daemon; throws when it does not end as it should. */
  async type(command: string, codes: readonly number[] = [0]): Promise<Typed> {
    const typed = await this.#run(command);
    this.show.typed(typed);
    if (!codes.includes(typed.code)) throw new Error(`${command}: exit ${typed.code}\n${typed.output}`);
    return typed;
  }

  /** Types it again and again, and shows the last time. */
  async typeUntil(command: string, isSo: (typed: Typed) => boolean, withinMs: number): Promise<Typed> {
    const until = performance.now() + withinMs;
    for (;;) {
      const typed = await this.#run(command);
      if (isSo(typed)) {
        this.show.typed(typed);
        return typed;
      }
      if (performance.now() > until) throw new Error(`${command}: still exit ${typed.code}\n${typed.output}`);
      await letPass(POLL_MS);
    }
  }

  /** Throws when it is not so in time. */
  async until(what: string, isSo: () => Promise<boolean> | boolean, withinMs = 15_000): Promise<void> {
    const until = performance.now() + withinMs;
    while (!(await isSo())) {
      if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
      await letPass(POLL_MS);
    }
    this.show.said(what);
  }

  #run(command: string): Promise<Typed> {
    const [, ...words] = command.match(/'[^']*'|\S+/g) ?? [];
    const asked = words.map((word) => word.replaceAll("'", ""));
    const admin = ["check", "mirror plan", "mirror apply"].some((each) => command.startsWith(`linkspan ${each}`))
      ? []
      : ["--admin", this.#daemon?.admin ?? ""];
    const args = ["--conditions=source", join(import.meta.dirname, "../../../src/main.ts"), ...asked, ...admin];
    const child = spawn(process.execPath, args, { cwd: this.#folder, timeout: COMMAND_MS });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => (output += text));
    }
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ command, output: output.trimEnd(), code: code ?? 1 }));
    });
  }
}
