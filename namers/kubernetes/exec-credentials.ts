/** Credentials that a command makes: kept until they expire or are refused, with one run at a time. */
import { Backoff, type Clock, type Random } from "linkspan/plugin";
import { readBounded } from "./access-file.ts";
import type { Credentials, CredentialSource, HostFacts } from "./access-target.ts";
import { runExecCommand } from "./exec-command.ts";
import { checkExecVersion, type ExecAnswer, execInfo, readExecAnswer } from "./exec-credential.ts";
import type { KubeCluster, KubeExec } from "./kubeconfig.ts";

/** Between runs that fail, and of whose credentials the API server wants to know nothing. */
const RETRY = { minMs: 1_000, maxMs: 60_000 } as const;

export interface ExecWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: HostFacts["env"];
  /** Ends a run. */
  readonly signal: AbortSignal;
}

type Outcome = { readonly answer: ExecAnswer } | { readonly cause: Error };

export class ExecCredentials implements CredentialSource {
  readonly #exec: KubeExec;
  readonly #cluster: KubeCluster;
  readonly #world: ExecWorld;
  readonly #backoff: Backoff;
  #last: Outcome | undefined;
  /** No run begins before, in monotonic ms; whoever asks meanwhile is given the last outcome. */
  #notBefore = -Infinity;
  #ranAt = -Infinity;
  #isRefused = false;
  #running: Promise<Credentials> | undefined;

  constructor(exec: KubeExec, cluster: KubeCluster, world: ExecWorld) {
    this.#exec = exec;
    this.#cluster = cluster;
    this.#world = world;
    this.#backoff = new Backoff(RETRY.minMs, RETRY.maxMs, world.random);
  }

  async current(signal: AbortSignal): Promise<Credentials> {
    if (this.#running === undefined) {
      if (this.#isGood() || this.#world.clock.now() < this.#notBefore) return credentialsOf(this.#last);
      this.#running = this.#run().finally(() => (this.#running = undefined));
    }
    return unlessAborted(this.#running, signal);
  }

  refused(used: Credentials): void {
    if (this.#last === undefined || !("answer" in this.#last) || this.#last.answer.credentials !== used) return;
    if (this.#isRefused) return;
    this.#isRefused = true;
    // At once where they have been good for a while, and ever later where each new one is refused.
    this.#notBefore = this.#ranAt + this.#backoff.next();
  }

  #isGood(): boolean {
    if (this.#last === undefined || !("answer" in this.#last) || this.#isRefused) return false;
    const { expiresAt } = this.#last.answer;
    return expiresAt === undefined || this.#world.clock.wall() < expiresAt;
  }

  async #run(): Promise<Credentials> {
    const { clock } = this.#world;
    this.#ranAt = clock.now();
    try {
      const answer = await this.#ask();
      if (!this.#isRefused) this.#backoff.reset();
      this.#last = { answer };
      this.#isRefused = false;
      // What it says is expired already does not make it run for each request.
      this.#notBefore = clock.now() + RETRY.minMs;
    } catch (error) {
      this.#last = { cause: error as Error };
      this.#notBefore = clock.now() + this.#backoff.next();
    }
    return credentialsOf(this.#last);
  }

  async #ask(): Promise<ExecAnswer> {
    const { apiVersion, command, args, env: secretEnv, installHint, providesClusterInfo } = this.#exec;
    const { clock, env, signal } = this.#world;
    checkExecVersion(apiVersion);
    const info = providesClusterInfo ? execInfo(apiVersion, await this.#told()) : execInfo(apiVersion);
    const asked = { command, args, secretEnv, env: { ...env, KUBERNETES_EXEC_INFO: info } };
    try {
      return readExecAnswer(await runExecCommand(asked, clock, signal), apiVersion);
    } catch (error) {
      const { message } = error as Error;
      const whose = message.startsWith(command) ? message : `${command}: ${message}`;
      const hint = installHint !== undefined && message.endsWith("is not there") ? `; ${installHint}` : "";
      throw new Error(`${whose}${hint}`, { cause: error });
    }
  }

  async #told(): Promise<KubeCluster & { readonly caText: string | undefined }> {
    const { ca } = this.#cluster;
    const caText = ca === undefined ? undefined : "text" in ca ? ca.text : await readBounded(ca.file);
    return { ...this.#cluster, caText };
  }
}

function credentialsOf(outcome: Outcome | undefined): Credentials {
  if (outcome !== undefined && "answer" in outcome) return outcome.answer.credentials;
  throw outcome?.cause ?? new Error("there are no credentials yet");
}

/** The run goes on for the others who wait for it. */
function unlessAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = (): void => reject(signal.reason as Error);
  if (signal.aborted) aborted();
  signal.addEventListener("abort", aborted, { once: true });
  return Promise.race([running, promise]).finally(() => signal.removeEventListener("abort", aborted));
}
