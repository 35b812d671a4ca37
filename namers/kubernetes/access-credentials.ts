/** Credentials that stand in a kubeconfig, or in files that are replaced: tokens, passwords and certificates. */
import { type Clock, type Log, Secret } from "linkspan/plugin";
import { FreshFile } from "./access-file.ts";
import type { ClientCertificate, Credentials, CredentialSource } from "./access-target.ts";

/** The kubelet renews a token long before its end, and expects it to be read again each minute. */
const MAX_AGE_MS = 60_000;

interface World {
  readonly clock: Clock;
  readonly log: Log;
}

/** Of text that stays as it is. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { current: () => Promise.resolve(credentials), refused: () => undefined };
}

export function bearer(token: string): Secret {
  return new Secret(`Bearer ${token}`);
}

/** RFC 7617. */
export function basic(username: string, password: Secret): Secret {
  return new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`).toString("base64")}`);
}

/** A certificate for the connection, and a field for each request. */
export function combinedCredentials(parts: readonly CredentialSource[]): CredentialSource {
  const [only, ...others] = parts;
  if (only === undefined) return fixedCredentials({});
  if (others.length === 0) return only;
  let made: { readonly of: readonly Credentials[]; readonly whole: Credentials } | undefined;
  return {
    async current(signal) {
      const of = await Promise.all(parts.map((part) => part.current(signal)));
      if (made === undefined || made.of.some((each, at) => each !== of[at])) {
        made = { of, whole: Object.assign({}, ...of) as Credentials };
      }
      return made.whole;
    },
    refused(used) {
      if (used === made?.whole) parts.forEach((part, at) => part.refused(made?.of[at] ?? {}));
    },
  };
}

/** A bearer token in a file, read again each minute and after a 401. */
export class TokenFile implements CredentialSource {
  readonly #file: FreshFile;
  #made: { readonly token: string; readonly credentials: Credentials } | undefined;

  constructor(path: string, world: World) {
    this.#file = new FreshFile(path, MAX_AGE_MS, world);
  }

  async current(): Promise<Credentials> {
    const token = (await this.#file.text()).trim();
    // A file that is being written can be empty for a moment.
    if (token === "" && this.#made !== undefined) return this.#made.credentials;
    if (token === "") throw new Error(`${this.#file.path} holds no token`);
    if (this.#made?.token !== token) this.#made = { token, credentials: { authorization: bearer(token) } };
    return this.#made.credentials;
  }

  refused(used: Credentials): void {
    if (used === this.#made?.credentials) this.#file.expire();
  }
}

/** A certificate and its key, each in a file or as text; files are read again each minute and after a 401. */
export class CertificateFiles implements CredentialSource {
  readonly #cert: FreshFile | string;
  readonly #key: FreshFile | Secret;
  #made: (ClientCertificate & { readonly credentials: Credentials }) | undefined;

  constructor(
    from: { readonly cert: string | { file: string }; readonly key: Secret | { file: string } },
    world: World,
  ) {
    const { cert, key } = from;
    this.#cert = typeof cert === "string" ? cert : new FreshFile(cert.file, MAX_AGE_MS, world);
    this.#key = key instanceof Secret ? key : new FreshFile(key.file, MAX_AGE_MS, world);
  }

  async current(): Promise<Credentials> {
    const cert = typeof this.#cert === "string" ? this.#cert : await this.#cert.text();
    const key = this.#key instanceof Secret ? this.#key : new Secret(await this.#key.text());
    if (this.#made?.cert === cert && this.#made.key.reveal() === key.reveal()) return this.#made.credentials;
    const credentials = { certificate: { cert, key } };
    this.#made = { cert, key, credentials };
    return credentials;
  }

  refused(used: Credentials): void {
    if (used !== this.#made?.credentials) return;
    if (this.#cert instanceof FreshFile) this.#cert.expire();
    if (this.#key instanceof FreshFile) this.#key.expire();
  }
}
