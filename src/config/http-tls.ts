/** What a registry is called with over TLS: the files that a namer's `tls` names, as they are now. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { HttpOrigin, HttpTls } from "../base/http.ts";
import { type ClientTlsConfig, trustOf } from "./tls-schema.ts";

/** A registry with `tls` of its own: the part of an `HttpOrigin`. `baseDir` is where relative paths of files begin. */
export function httpTlsOf(tls: ClientTlsConfig | undefined, baseDir: string): Pick<HttpOrigin, "tls"> {
  return tls?.enabled === true ? { tls: () => readHttpTls(tls, baseDir) } : {};
}

/** Rejects with an Error that names the file. */
async function readHttpTls(tls: ClientTlsConfig, baseDir: string): Promise<HttpTls> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(resolve(baseDir, file));
    } catch (error) {
      throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
    }
  };
  const { clientAuth, commonName, disableValidation, protocols } = tls;
  const ca = await Promise.all(trustOf(tls).map(read));
  const { certPath, intermediateCertsPath: intermediate } = clientAuth ?? {};
  const chain = certPath === undefined ? [] : [certPath, ...(intermediate === undefined ? [] : [intermediate])];
  return {
    ...(ca.length === 0 ? {} : { ca }),
    ...(chain.length === 0 ? {} : { cert: Buffer.concat(await Promise.all(chain.map(read))) }),
    ...(clientAuth === undefined ? {} : { key: await read(clientAuth.keyPath) }),
    ...(commonName === undefined ? {} : { serverName: commonName }),
    disableValidation,
    protocols,
  };
}
