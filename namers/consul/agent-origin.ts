/** Where an agent is, and how it is called over TLS, from the keys of the configuration. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ClientTlsConfig, type HttpOrigin, type HttpTls, trustOf } from "linkspan/plugin";

export interface AgentPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: ClientTlsConfig | undefined;
}

/** `baseDir` is where relative paths of files begin. */
export function agentOrigin({ host, port, tls }: AgentPlace, baseDir: string): HttpOrigin {
  // As Finagle wrote it: the ports that go without saying are not said.
  const standard = port === (tls?.enabled === true ? 443 : 80);
  const authority = standard ? { authority: host.includes(":") ? `[${host}]` : host } : {};
  if (tls?.enabled !== true) return { host, port, ...authority };
  return { host, port, ...authority, tls: () => readTls(tls, baseDir) };
}

/** At each new connection, so that renewed certificates are used. Rejects with an Error that names the file. */
async function readTls(tls: ClientTlsConfig, baseDir: string): Promise<HttpTls> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(resolve(baseDir, file));
    } catch (error) {
      throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
    }
  };
  const { clientAuth, commonName, disableValidation, protocols } = tls;
  const ca = await Promise.all(trustOf(tls).map(read));
  const chain = clientAuth && [clientAuth.certPath, ...orNone(clientAuth.intermediateCertsPath)];
  return {
    ...(ca.length === 0 ? {} : { ca }),
    ...(chain === undefined ? {} : { cert: Buffer.concat(await Promise.all(chain.map(read))) }),
    ...(clientAuth === undefined ? {} : { key: await read(clientAuth.keyPath) }),
    ...(commonName === undefined ? {} : { serverName: commonName }),
    disableValidation,
    protocols,
  };
}

const orNone = (file: string | undefined): readonly string[] => (file === undefined ? [] : [file]);
