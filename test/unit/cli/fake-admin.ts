/** An admin port that gives one answer to everything, and remembers what it was asked. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeAdmin extends AsyncDisposable {
  readonly url: string;
  /** `METHOD TARGET BODY` of each request; without the last where there is none, with `from ORIGIN` where one is said. */
  readonly asked: readonly string[];
}

export async function fakeAdmin(body: string | object, status = 200): Promise<FakeAdmin> {
  const asked: string[] = [];
  const answer = typeof body === "string" ? body : JSON.stringify(body);
  const server = createServer((request, response) => {
    const { origin } = request.headers;
    let came = `${request.method} ${request.url}${origin === undefined ? "" : ` from ${origin}`}`;
    request.setEncoding("utf8");
    request.once("data", () => (came += " "));
    request.on("data", (text: string) => (came += text));
    request.on("end", () => {
      asked.push(came);
      response.writeHead(status).end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close().closeAllConnections();
      await closed;
    },
  };
}
