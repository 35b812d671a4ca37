/** An unmodified Java Curator client as a process of its own, compiled from `curator/Registrar.java` when it is first needed. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { curatorClassPath } from "./curator-jars.ts";

export { missingForCurator } from "./curator-jars.ts";

/** Curator retries for a while by itself; past this it hangs. */
const ANSWER_MS = 30_000;

export interface CuratorInstance {
  readonly service: string;
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly type?: "DYNAMIC" | "STATIC" | "PERMANENT" | "DYNAMIC_SEQUENTIAL";
}

export interface CuratorOptions {
  readonly basePath?: string;
  readonly sessionTimeoutMs?: number;
}

/** A started client. Disposing it closes its discovery, as a clean stop does. */
export interface Curator extends AsyncDisposable {
  register(instance: CuratorInstance): Promise<void>;
  update(instance: CuratorInstance): Promise<void>;
  unregister(service: string, id: string): Promise<void>;
  /** `queryForInstances`: rejects where Curator throws. */
  list(service: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  names(): Promise<readonly string[]>;
  /** SIGKILL: nothing is closed, so its session has to expire. */
  kill(): Promise<void>;
}

/** Resolves when the client is connected and its discovery is started. */
export async function startCurator(connectString: string, options: CuratorOptions = {}): Promise<Curator> {
  const classPath = await curatorClassPath("Registrar");
  const heap = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const about = [connectString, options.basePath ?? "/services", String(options.sessionTimeoutMs ?? 4_000)];
  const child = spawn("java", [...heap, "-cp", classPath, "Registrar", ...about], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const registrar = new Registrar(child);
  await registrar.ready();
  return registrar;
}

interface Answer {
  readonly ok: boolean;
  readonly error?: string;
  readonly instances?: readonly Readonly<Record<string, unknown>>[];
  readonly names?: readonly string[];
}

class Registrar implements Curator {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<void>;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  readonly #ready = Promise.withResolvers<Answer>();

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#waiting.push(this.#ready);
    this.#exited = new Promise((resolve) => child.once("close", () => resolve()));
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Answer);
    });
    void this.#exited.then(() => this.#giveUp());
  }

  async ready(): Promise<void> {
    await this.#ready.promise;
  }

  async register({ service, id, host, port, type }: CuratorInstance): Promise<void> {
    await this.#ask(["register", service, id, host, port, type ?? ""].join(" "));
  }

  async update({ service, id, host, port }: CuratorInstance): Promise<void> {
    await this.#ask(["update", service, id, host, port].join(" "));
  }

  async unregister(service: string, id: string): Promise<void> {
    await this.#ask(`unregister ${service} ${id}`);
  }

  async list(service: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#ask(`list ${service}`)).instances ?? [];
  }

  async names(): Promise<readonly string[]> {
    return (await this.#ask("names")).names ?? [];
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    await this.#exited;
    clearTimeout(late);
  }

  async #ask(line: string): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.push(waiting);
    this.#child.stdin.write(`${line}\n`);
    const late = setTimeout(() => waiting.reject(new Error(`${line}: no answer in ${ANSWER_MS} ms`)), ANSWER_MS);
    const answer = await waiting.promise.finally(() => clearTimeout(late));
    if (!answer.ok) throw new Error(`${line}: ${answer.error ?? "refused"}`);
    return answer;
  }

  #giveUp(): void {
    for (const each of this.#waiting.splice(0)) each.reject(new Error("the Curator process has ended"));
  }
}
