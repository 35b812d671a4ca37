// What a running daemon tells of one request: by the id that its endpoint got, or that stands in the answer.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import type { RequestRecord } from "../../src/base/request-record.ts";
import { cli } from "../unit/cli/fake-terminal.ts";
import { startDaemon } from "./daemon.ts";

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
}

function ask(port: number, host: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, headers: { host } }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    request.on("error", reject);
  });
}

/** Fails every first attempt of a request, and keeps the ids that it was told. */
async function flaky() {
  const ids: string[] = [];
  const server = createServer((request, response) => {
    const id = String(request.headers["l5d-reqid"]);
    const isFirst = !ids.includes(id);
    ids.push(id);
    response.writeHead(isFirst ? 503 : 200, { "content-length": 0 }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    ids,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

for (const workers of [0, 2]) {
  describe(`the records of the last requests, with ${workers} workers`, { timeout: 60_000 }, () => {
    it("tell of each what it met, and which went wrong", async () => {
      await using backend = await flaky();
      const routers = [
        {
          protocol: "http",
          dtab: `/svc/web => /$/inet/127.0.0.1/${backend.port}`,
          service: { responseClassifier: { kind: "io.l5d.http.retryableRead5XX" } },
          servers: [{ port: 0 }],
        },
      ];
      await using daemon = await startDaemon(JSON.stringify({ workers, routers, admin: { port: 0 } }));
      const why = async (query = ""): Promise<readonly RequestRecord[]> => {
        const response = await fetch(`${daemon.adminUrl}/api/why${query}`);
        return ((await response.json()) as { requests: RequestRecord[] }).requests;
      };
      for (let n = 0; n < 8; n++) assert.equal((await ask(daemon.port, "web")).status, 200);
      const [id = ""] = backend.ids;
      const [record] = await why(`?id=${id}`);
      assert.ok(record, `nothing is known of ${id}`);
      assert.deepEqual([record.name, record.status, record.class, record.retries], ["/svc/web", 200, "success", 1]);
      assert.equal(record.endpoint, `127.0.0.1:${backend.port}`);
      assert.deepEqual(
        record.decisions.map(({ kind, by, because }) => [kind, by, because]),
        [["again", "retry", "503"]],
      );
      const refused = await ask(daemon.port, "nobody");
      assert.deepEqual([refused.status, refused.headers["linkspan-code"]], [502, "name.negative"]);
      const [negative] = await why(`?id=${refused.headers["linkspan-request-id"]}`);
      assert.deepEqual([negative?.code, negative?.status], ["name.negative", 502]);
      const troubled = await why();
      assert.equal(troubled.length, 9);
      assert.equal(troubled[0]?.id, negative?.id);
      const told = await cli(["why", id, "--admin", daemon.adminUrl]);
      assert.equal(told.code, 0);
      assert.match(told.out, /503 at 127\.0\.0\.1:\d+: retry at once\n.* ended: 200 \(success\)/s);
    });
  });
}
