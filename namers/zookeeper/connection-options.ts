/** From the keys of the configuration to what a ZooKeeper client is given. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Secret } from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import type { ConnectionConfig } from "./connection-schema.ts";
import { reveal, type SecretSource, type ZkAuth, type ZkTls } from "./session-state.ts";

/** Files are read when a connection is made; their paths are relative to `baseDir`. */
export function zkOptions(config: ConnectionConfig, baseDir: string): ZkOptions {
  const { zkAddrs, sessionTimeoutMs, readOnly, auth, sasl, tls } = config;
  return {
    connectString: connectStringOf(zkAddrs),
    sessionTimeoutMs,
    readOnly,
    auth: auth.map((entry) => authOf(entry, baseDir)),
    ...(sasl ? { sasl: { user: sasl.user, password: passwordOf(sasl, baseDir) } } : {}),
    ...(tls?.enabled === true ? { tls: () => readTls(tls, baseDir) } : {}),
  };
}

function connectStringOf(zkAddrs: ConnectionConfig["zkAddrs"]): string {
  if (typeof zkAddrs === "string") return zkAddrs;
  return zkAddrs.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(",");
}

function authOf(entry: ConnectionConfig["auth"][number], baseDir: string): ZkAuth {
  const { scheme, user, value } = entry;
  if (value !== undefined) return { scheme, value };
  const password = passwordOf(entry, baseDir);
  return { scheme, value: async () => new Secret(`${user}:${(await reveal(password)).reveal()}`) };
}

interface Passwords {
  readonly password?: Secret;
  readonly passwordFile?: string;
}

function passwordOf({ password, passwordFile = "" }: Passwords, baseDir: string): SecretSource {
  if (password !== undefined) return password;
  const file = resolve(baseDir, passwordFile);
  // Editors and shells end a file with a newline, which is no part of the password.
  return async () => new Secret((await read(file)).toString("utf8").replace(/\r?\n$/, ""));
}

async function readTls(tls: NonNullable<ConnectionConfig["tls"]>, baseDir: string): Promise<ZkTls> {
  const { commonName, disableValidation, trustCerts, trustCertsBundle, clientAuth, protocols } = tls;
  const trusted = trustCertsBundle === undefined ? (trustCerts ?? []) : [trustCertsBundle];
  const at = (file: string): Promise<Buffer> => read(resolve(baseDir, file));
  return {
    validates: !disableValidation,
    protocols,
    ...(commonName === undefined ? {} : { name: commonName }),
    ...(trusted.length === 0 ? {} : { ca: await Promise.all(trusted.map(at)) }),
    ...(clientAuth === undefined ? {} : await readPair(clientAuth, at)),
  };
}

async function readPair(
  pair: NonNullable<NonNullable<ConnectionConfig["tls"]>["clientAuth"]>,
  at: (file: string) => Promise<Buffer>,
): Promise<Pick<ZkTls, "cert" | "key">> {
  const { certPath, keyPath, intermediateCertsPath } = pair;
  const certs = [certPath, ...(intermediateCertsPath === undefined ? [] : [intermediateCertsPath])];
  const [key, ...chain] = await Promise.all([keyPath, ...certs].map(at));
  return {
    ...(key === undefined ? {} : { key }),
    cert: Buffer.concat(chain.flatMap((pem) => [pem, Buffer.from("\n")])),
  };
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`cannot read ${file}: ${code ?? String(error)}`, { cause: error });
  }
}
