/** What the files of the corpus are written for: instances on ports, service files, dtabs and certificates in a folder. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { connect, createServer as createH2, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { createServer as createHttps, request as httpsRequest } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tempFolder } from "../e2e/temp-folder.ts";
import { pem } from "../e2e/tls-site.ts";
import { authority } from "../servers/certificates.ts";
import type { Ask } from "./corpus-file.ts";

/** The ports of the instances as the files say them: of HTTP/1 and of HTTP/2. */
const PLAIN = "18080";
const H2 = "18082";

export interface CorpusSite extends AsyncDisposable {
  /** Relative paths of the files start here. */
  readonly folder: string;
  /** With the ports that the instances have. */
  localized(text: string): string;
  /** The status of the answer; `refused` where the connection gave none. */
  status(port: number, ask: Ask): Promise<number | "refused">;
}

const answer = (_: IncomingMessage, response: ServerResponse): void => void response.end("an instance");

export async function openCorpusSite(): Promise<CorpusSite> {
  await using opened = new AsyncDisposableStack();
  const ca = opened.use(authority());
  const site = ca.issue("site", { commonName: "site.test" });
  const secure = ca.issue("secure", { commonName: "secure.test" });
  const plainPort = await listen(createServer(answer), opened);
  const h2Server = createH2();
  h2Server.on("stream", (stream: ServerHttp2Stream) => {
    stream.respond({ ":status": 200 });
    stream.end("an instance");
  });
  const h2Port = await listen(h2Server, opened);
  const securePort = await listen(createHttps(pem(secure), answer), opened);
  const folder = opened.use(tempFolder());
  for (const name of ["web", "users", "round"]) folder.write(`disco/${name}`, `127.0.0.1 ${plainPort}\n`);
  folder.write("disco/grpc", `127.0.0.1 ${h2Port}\n`);
  folder.write("disco/secure", `127.0.0.1 ${securePort}\n`);
  folder.write("empty/.keep", "");
  folder.write("dtabs/shop.dtab", "/srv => /#/io.l5d.fs ;\n/svc => /srv ;\n");
  folder.write("dtabs/empty.dtab", "");
  const copies = { "site.pem": site.certPath, "site.key": site.keyPath, "ca.pem": ca.caPath };
  for (const [name, from] of Object.entries(copies)) folder.write(`certs/${name}`, readFileSync(from, "utf8"));
  const closing = opened.move();
  const ports: Readonly<Record<string, string>> = { [PLAIN]: String(plainPort), [H2]: String(h2Port) };
  const localized = (text: string): string =>
    text.replaceAll(new RegExp(`${PLAIN}|${H2}`, "g"), (port) => ports[port] ?? port);
  return {
    folder: folder.path,
    localized,
    status: (port, said) => {
      const ask = JSON.parse(localized(JSON.stringify(said))) as Ask;
      return ":authority" in ask.headers ? statusOfH2(port, ask) : statusOf(port, ask);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function listen(server: Server | ReturnType<typeof createServer>, owner: AsyncDisposableStack): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  owner.defer(async () => {
    const closed = once(server, "close");
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

async function statusOf(port: number, { tls, method, target, headers }: Ask): Promise<number | "refused"> {
  const options = { host: "127.0.0.1", port, method, path: target, headers, agent: false as const };
  const asked = tls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
  asked.end();
  try {
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    return response.statusCode ?? 0;
  } catch {
    return "refused";
  }
}

async function statusOfH2(port: number, { tls, method, target, headers }: Ask): Promise<number | "refused"> {
  const session = connect(`${tls ? "https" : "http"}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on("error", () => undefined);
  try {
    const asked = session.request({ ":method": method, ":path": target, ...headers });
    asked.end();
    const [response] = (await once(asked, "response")) as [IncomingHttpHeaders];
    asked.resume();
    await once(asked, "end");
    return Number(response[":status"]);
  } catch {
    return "refused";
  } finally {
    session.close();
  }
}
