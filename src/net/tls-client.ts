/** TLS towards endpoints: whom a client trusts, what it shows, and the sessions that it resumes. */
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { CertificateError, type PairFiles, type ReadFile, readPair } from "../base/certificates.ts";
import type { Log } from "../base/log.ts";
import type { Counter } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";
import { TlsFiles } from "./tls-files.ts";
import { readTrust } from "./tls-server.ts";
import { SessionCache } from "./tls-sessions.ts";
import { type SuiteOptions, suiteSettings } from "../base/cipher-suites.ts";
import { Throttle } from "./tls-throttle.ts";

export interface ClientTlsOptions extends SuiteOptions {
  /** PEM files with the roots that may have signed an endpoint's certificate; the system's where there are none. */
  readonly trust: readonly string[];
  /** What is shown to endpoints that ask. */
  readonly pair?: PairFiles;
}

export interface ClientTlsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: { readonly ok: Counter; readonly resumed: Counter; readonly failed: Counter };
}

export interface ClientTlsRules {
  /** Asked for by SNI, and what the certificate must be for. `undefined` only without validation. */
  readonly name: string | undefined;
  readonly validates: boolean;
}

const FAILURES_EVERY_MS = 60_000;

/** The files of one `tls` of the configuration, shared by all clusters that it is for. Whoever opens it disposes of it. */
export class ClientTls implements Disposable {
  readonly sessions = new SessionCache();
  readonly counters: ClientTlsParts["counters"];
  /** Where the trust comes from, in words. */
  readonly trust: string;
  readonly #files: TlsFiles<SecureContext>;
  readonly #throttle: Throttle;
  readonly #log: Log;

  /** Throws a CertificateError. */
  constructor(options: ClientTlsOptions, { clock, log, counters }: ClientTlsParts) {
    this.#log = log;
    this.counters = counters;
    this.trust = options.trust.length > 0 ? options.trust.join(", ") : "the system's roots";
    this.#throttle = new Throttle(clock, FAILURES_EVERY_MS);
    const files = [...options.trust, ...(options.pair ? Object.values(options.pair) : [])].join(", ");
    this.#files = new TlsFiles({
      clock,
      make: (read) => contextOf(options, read),
      reloaded: () => {
        // A session that began under the old trust says nothing of the new.
        this.sessions.clear();
        log.info("tls.reloaded", { files });
      },
      kept: (cause) => log.warn("tls.kept", { cause: cause.message }),
    });
  }

  get context(): SecureContext {
    return this.#files.value;
  }

  /** Tells it in the log, now and then. */
  failed(message: string): void {
    this.counters.failed.value++;
    this.refused(message);
  }

  /** The same for a handshake that was counted as made: an endpoint judges our certificate behind it (TLS 1.3). */
  refused(message: string): void {
    const unsaid = this.#throttle.admit(message);
    if (unsaid >= 0) this.#log.warn("tls.failed", { cause: message, ...(unsaid > 0 ? { unsaid } : {}) });
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
    this.sessions.clear();
  }
}

/** Throws a CertificateError. */
export function contextOf(options: ClientTlsOptions, read: ReadFile): SecureContext {
  const { trust, pair: files } = options;
  const pair = files && readPair(files, read);
  const ca = trust.length > 0 ? trust.map((path) => readTrust(path, read)) : systemRoots();
  try {
    return createSecureContext({ ...suiteSettings(options), ca, ...(pair ? { cert: pair.chain, key: pair.key } : {}) });
  } catch (error) {
    const reason = error instanceof Error && "reason" in error ? String(error.reason) : "refused by OpenSSL";
    const file = files?.certPath ?? trust[0] ?? "";
    throw new CertificateError(file, `${file} cannot be used for TLS: ${reason}`);
  }
}

/** Node's own where the system has none. */
function systemRoots(): string[] {
  const system = getCACertificates("system");
  return system.length > 0 ? system : getCACertificates("default");
}
