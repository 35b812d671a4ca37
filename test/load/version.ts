/** One version of a service, which answers with its name, and fails every request while it is bad. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Version extends AsyncDisposable {
  readonly port: number;
  isBad: boolean;
}

export async function startVersion(name: string): Promise<Version> {
  const server = createServer((_, response) => {
    response.statusCode = version.isBad ? 500 : 200;
    response.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const version: Version = {
    port: (server.address() as AddressInfo).port,
    isBad: false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return version;
}
