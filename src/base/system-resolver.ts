/** Host names to addresses as this host is configured to do it: its hosts file, search domains and name servers. */
import { promises as dns, type RecordWithTtl } from "node:dns";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { Cache } from "./cache.ts";
import type { Resolver } from "./dialer.ts";
import { candidates, readHosts, readResolverFile } from "./system-files.ts";
import type { Clock } from "./time.ts";
import { Turnstile } from "./turnstile.ts";

/** The questions that are put to name servers; `setServers` once for each change of resolv.conf. */
export interface NameServers {
  resolve4(host: string, options: { ttl: true }): Promise<readonly RecordWithTtl[]>;
  resolve6(host: string, options: { ttl: true }): Promise<readonly RecordWithTtl[]>;
  setServers(servers: readonly string[]): void;
}

export interface SystemResolverOptions {
  readonly clock: Clock;
  /** Reads a text file; the host's own unless given. */
  readonly read?: (path: string) => Promise<string>;
  readonly nameServers?: NameServers;
}

type Answer = Awaited<ReturnType<Resolver["addresses"]>>;

const FILES_TTL_MS = 5000;
const FOREVER_MS = 3_600_000;
const MIN_TTL_MS = 1000;
const TRY_MS = 2000;
const TRIES = 2;
const IN_FLIGHT = 32;
const WAITING = 1000;
const REMEMBERED = 1000;

/** An answer, or the question under way. */
interface Slot {
  readonly question: Promise<Answer>;
  freshUntil: number;
}

/**
 * Errors carry `code`: ENOTFOUND when there is no such host, EBUSY when too many questions wait, else the name
 * server's, such as ETIMEOUT or ESERVFAIL. Failures are not remembered.
 */
export class SystemResolver implements Resolver, Disposable {
  readonly #clock: Clock;
  readonly #read: (path: string) => Promise<string>;
  readonly #nameServers: NameServers;
  readonly #turnstile = new Turnstile(IN_FLIGHT, WAITING);
  readonly #slots: Cache<string, Slot>;
  #files: { readonly at: number; readonly read: Promise<Files> } | undefined;
  #servers = "";

  constructor(options: SystemResolverOptions) {
    this.#clock = options.clock;
    this.#read = options.read ?? ((path) => readFile(path, "utf8"));
    this.#nameServers = options.nameServers ?? systemServers();
    this.#slots = new Cache({
      capacity: REMEMBERED,
      idleTtlMs: FOREVER_MS,
      clock: options.clock,
      open: (host) => this.#open(host),
      close: () => undefined,
    });
  }

  async addresses(host: string, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (isIP(host) !== 0) return { addresses: [host], ttlMs: FOREVER_MS };
    const key = host.toLowerCase();
    const known = this.#slots.peek(key);
    if (known && known.freshUntil <= this.#clock.now()) this.#slots.delete(key);
    const entry = this.#slots.acquire(key);
    try {
      const { addresses } = await unlessAborted(entry.value.question, signal);
      return { addresses, ttlMs: Math.max(0, entry.value.freshUntil - this.#clock.now()) };
    } finally {
      this.#slots.release(entry);
    }
  }

  [Symbol.dispose](): void {
    this.#slots[Symbol.dispose]();
  }

  /** A caller that goes away leaves the question to the others. */
  #open(host: string): Slot {
    const slot: Slot = { question: this.#ask(host), freshUntil: Infinity };
    slot.question.then(
      ({ ttlMs }) => void (slot.freshUntil = this.#clock.now() + ttlMs),
      () => this.#slots.delete(host),
    );
    return slot;
  }

  async #ask(host: string): Promise<Answer> {
    const { hosts, resolverFile } = await this.#currentFiles();
    const listed = hosts.get(host.endsWith(".") ? host.slice(0, -1) : host);
    if (listed) return { addresses: listed, ttlMs: FILES_TTL_MS };
    if (/(^|\.)localhost\.?$/.test(host)) return { addresses: ["127.0.0.1", "::1"], ttlMs: FOREVER_MS };
    let trouble: unknown;
    for (const name of candidates(host, resolverFile)) {
      try {
        const answer = await this.#turnstile.pass(() => this.#query(name));
        if (answer) return answer;
      } catch (error) {
        trouble = error;
        if (codeOf(error) !== "ESERVFAIL") break;
      }
    }
    throw resolveError(host, codeOf(trouble) ?? "ENOTFOUND", trouble);
  }

  /** Undefined when there is no such name, or it has no addresses. */
  async #query(name: string): Promise<Answer | undefined> {
    const both = await Promise.allSettled([
      this.#nameServers.resolve4(name, { ttl: true }),
      this.#nameServers.resolve6(name, { ttl: true }),
    ]);
    const [v4] = both;
    // With half an answer a host would lose its IPv4 addresses to an error. One without IPv6 is common, and so are
    // servers that fail to say so.
    if (v4.status === "rejected" && !isNo(v4.reason)) throw v4.reason as Error;
    const records = both.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    if (records.length > 0) {
      const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1000;
      return { addresses: records.map(({ address }) => address), ttlMs: Math.max(MIN_TTL_MS, ttlMs) };
    }
    for (const each of both) if (each.status === "rejected" && !isNo(each.reason)) throw each.reason as Error;
    return undefined;
  }

  #currentFiles(): Promise<Files> {
    const now = this.#clock.now();
    if (!this.#files || now - this.#files.at >= FILES_TTL_MS) this.#files = { at: now, read: this.#readFiles() };
    return this.#files.read;
  }

  async #readFiles(): Promise<Files> {
    const readOrEmpty = (path: string): Promise<string> => this.#read(path).catch(() => "");
    const [hosts, resolver] = await Promise.all([readOrEmpty("/etc/hosts"), readOrEmpty("/etc/resolv.conf")]);
    const resolverFile = readResolverFile(resolver);
    const servers = resolverFile.servers.join();
    if (servers !== this.#servers && servers !== "") this.#nameServers.setServers(resolverFile.servers);
    this.#servers = servers;
    return { hosts: readHosts(hosts), resolverFile };
  }
}

interface Files {
  readonly hosts: ReturnType<typeof readHosts>;
  readonly resolverFile: ReturnType<typeof readResolverFile>;
}

function systemServers(): NameServers {
  return new dns.Resolver({ timeout: TRY_MS, tries: TRIES, maxTimeout: TRY_MS });
}

function isNo(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOTFOUND" || code === "ENODATA";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function resolveError(host: string, code: string, cause: unknown): Error {
  const why = code === "ENOTFOUND" ? "no such host" : code;
  return Object.assign(new Error(`cannot resolve ${host}: ${why}`, { cause }), { code });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const aborted = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", aborted, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  return promise;
}
