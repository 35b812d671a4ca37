/** Looks into the files of certificates and keys that a configuration names. */
import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CertificateError, type PairFiles, readCertificates, readPair } from "../base/certificates.ts";
import type { Config } from "./config.ts";
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import { type ClientTlsConfig, clientAuthOf, type ServerTlsConfig } from "./tls-schema.ts";

export interface CertificateCheck {
  /** Epoch ms. */
  readonly now: number;
  /** What an expired certificate is; what cannot be used at all is an error. */
  readonly expired: "error" | "warning";
}

/** Adds every problem, at the key that names the file. */
export function checkCertificates(
  { routers, admin, baseDir }: Pick<Config, "routers" | "admin" | "baseDir">,
  check: CertificateCheck,
  problems: ProblemList,
): void {
  const files = new FileCheck(baseDir, check, problems);
  if (admin.tls) files.server(admin.tls, ["admin", "tls"]);
  for (const [index, { servers, client }] of routers.entries()) {
    const at = ["routers", index];
    for (const [nth, { tls }] of servers.entries()) if (tls) files.server(tls, [...at, "servers", nth, "tls"]);
    if (client.base.tls) files.client(client.base.tls, [...at, "client", "tls"]);
    for (const [nth, { settings }] of client.rules.entries()) {
      if (settings.tls) files.client(settings.tls, [...at, "client", "configs", nth, "tls"]);
    }
  }
}

class FileCheck {
  readonly #baseDir: string;
  readonly #check: CertificateCheck;
  readonly #problems: ProblemList;

  constructor(baseDir: string, check: CertificateCheck, problems: ProblemList) {
    this.#baseDir = baseDir;
    this.#check = check;
    this.#problems = problems;
  }

  server(tls: ServerTlsConfig, at: At): void {
    const { certPath, keyPath, intermediateCertsPath, caCertPath } = tls;
    if (certPath !== undefined && keyPath !== undefined) {
      this.#pair({ certPath, keyPath, ...(intermediateCertsPath ? { intermediateCertsPath } : {}) }, at);
    }
    for (const [index, pair] of tls.certificates.entries()) this.#pair(pair, [...at, "certificates", index]);
    if (caCertPath !== undefined && clientAuthOf(tls) !== "none") this.#roots(caCertPath, [...at, "caCertPath"]);
  }

  client(tls: ClientTlsConfig, at: At): void {
    if (!tls.enabled) return;
    if (tls.clientAuth) this.#pair(tls.clientAuth, [...at, "clientAuth"]);
    if (tls.trustCertsBundle !== undefined) this.#roots(tls.trustCertsBundle, [...at, "trustCertsBundle"]);
    for (const [index, path] of (tls.trustCerts ?? []).entries()) this.#roots(path, [...at, "trustCerts", index]);
  }

  #pair(pair: PairFiles, at: At): void {
    const keyOf = (file: string): string => Object.entries(pair).find(([, path]) => path === file)?.[0] ?? "certPath";
    this.#look(
      () => this.#checkTime(readPair(pair, this.#read).leaf, pair.certPath, at),
      (file) => [...at, keyOf(file)],
    );
  }

  #checkTime({ validToDate }: X509Certificate, certPath: string, at: At): void {
    if (validToDate.getTime() > this.#check.now) return;
    const message = `the certificate in ${certPath} expired on ${validToDate.toISOString().slice(0, 10)}`;
    const expected = `a certificate that is valid; see: openssl x509 -noout -dates -in ${certPath}`;
    const problem = { at: [...at, "certPath"], code: "tls.file", message, expected };
    this.#problems.add(problem, [], this.#check.expired);
  }

  #roots(file: string, at: At): void {
    this.#look(
      () => void readCertificates(file, this.#read(file)),
      () => at,
    );
  }

  #look(look: () => void, place: (file: string) => At): void {
    try {
      look();
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      this.#problems.add({ at: place(error.file), code: "tls.file", message: error.message });
    }
  }

  /** Messages name a file as it is written. */
  readonly #read = (path: string): Buffer => {
    try {
      return readFileSync(resolve(this.#baseDir, path));
    } catch (error) {
      throw CertificateError.unreadable(path, error);
    }
  };
}
