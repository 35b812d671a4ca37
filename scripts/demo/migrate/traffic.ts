/** Callers that never stop: those of the old world, those that ask Linkspan, and those of the new. */
import { Agent, request } from "node:http";

/** Where the next request goes, and under which Host. */
export type Way = () => Promise<readonly Target[]>;

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly authority: string;
}

/** What a caller has had, since he was last looked at or in all. */
export interface Had {
  readonly requests: number;
  readonly failed: number;
  /** By the first word of the name of what answered: `vm` or `pod`. */
  readonly by: Readonly<Record<string, number>>;
}

const PER_SECOND = 50;
const TIMEOUT_MS = 5_000;
/** As a cache of Curator's or kube-proxy hears of changes. */
const REFRESH_MS = 100;

export class EndlessCaller implements AsyncDisposable {
  readonly name: string;
  readonly #way: Way;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #open = new Set<Promise<void>>();
  /** What went wrong, for who wants to know: the last few. */
  readonly failures: string[] = [];
  #targets: readonly Target[] = [];
  #at = 0;
  #requests = 0;
  #failed = 0;
  #by: Record<string, number> = {};
  #seen: Had = { requests: 0, failed: 0, by: {} };
  #isAsking = false;

  constructor(name: string, way: Way) {
    this.name = name;
    this.#way = way;
  }

  /** Resolves when there is somebody to call. */
  async start(): Promise<void> {
    this.#targets = await this.#way();
    this.#timers.push(setInterval(() => void this.#refresh(), REFRESH_MS));
    this.#timers.push(setInterval(() => this.#callOne(), 1_000 / PER_SECOND));
  }

  get all(): Had {
    return { requests: this.#requests, failed: this.#failed, by: { ...this.#by } };
  }

  /** Since the last time. */
  since(): Had {
    const [before, now] = [this.#seen, this.all];
    this.#seen = now;
    const by = Object.entries(now.by).map(([word, count]) => [word, count - (before.by[word] ?? 0)] as const);
    return {
      requests: now.requests - before.requests,
      failed: now.failed - before.failed,
      by: Object.fromEntries(by.filter(([, count]) => count > 0)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  async #refresh(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      this.#targets = await this.#way();
    } catch {
      // As a cache does whose registry is away: it calls whom it knows.
    } finally {
      this.#isAsking = false;
    }
  }

  #callOne(): void {
    const target = this.#targets[this.#at++ % Math.max(this.#targets.length, 1)];
    const call = target === undefined ? Promise.resolve("nobody is known") : this.#ask(target);
    const open = call.then((failure) => {
      this.#open.delete(open);
      this.#requests++;
      if (failure === undefined) return;
      this.#failed++;
      this.failures.push(failure);
      if (this.failures.length > 20) this.failures.shift();
    });
    this.#open.add(open);
  }

  /** Resolves to what went wrong. */
  #ask({ host, port, authority }: Target): Promise<string | undefined> {
    return new Promise((resolve) => {
      const sent = request({ host, port, agent: this.#agent, headers: { host: authority }, timeout: TIMEOUT_MS });
      sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
      sent.on("error", (error) => resolve(`${host}:${port}: ${error.message}`));
      sent.on("response", (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text: string) => (body += text));
        response.on("error", (error) => resolve(`${host}:${port}: ${error.message}`));
        response.on("end", () => {
          const word = body.split("-")[0] ?? "";
          if (response.statusCode === 200) this.#by[word] = (this.#by[word] ?? 0) + 1;
          const code = String(response.headers["linkspan-code"] ?? body);
          resolve(response.statusCode === 200 ? undefined : `${host}:${port}: ${response.statusCode} ${code}`);
        });
      });
      sent.end();
    });
  }
}
