// Access logs of whole daemons: what stands in their files, in one thread and in several, and what it costs when they cannot be written.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, request as ask, type Server } from "node:http";
import { connect, constants } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { start } from "../../src/index.ts";
import { eventually } from "../../src/testing/index.ts";
import { startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

let endpoint: Server;
before(async () => {
  endpoint = createServer((_, response) => response.end("ok"));
  await new Promise<void>((resolve) => void endpoint.listen(0, "127.0.0.1", resolve));
});
after(() => endpoint.close());

const config = (keys: string, protocol = "http", more = ""): string => `
admin: {port: 0}
${more}
routers:
- protocol: ${protocol}
  dtab: /svc/web => /$/inet/127.0.0.1/${(endpoint.address() as AddressInfo).port}
${keys}
  servers: [{port: 0}]
`;

function get(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = ask({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    asked.on("error", reject).end();
  });
}

const read = (path: string): string => readFileSync(path, { encoding: "utf8", flag: "a+" });
const lines = (text: string): string[] => text.split("\n").slice(0, -1);

describe("an access log", () => {
  it("has a line of each request, as Linkerd 1 wrote them, those too that failed", async () => {
    using folder = tempFolder();
    const path = join(folder.path, "access.log");
    {
      await using daemon = await startDaemon(config("  httpAccessLog: access.log"), folder.path);
      await get(daemon.port, "/a?token=s3cret", { host: "web", "user-agent": "curl/8", referer: "http://x/" });
      await get(daemon.port, "/b", { host: "nobody" });
      await eventually("both are there", () => lines(read(path)).length === 2);
      await get(daemon.port, "/last", { host: "web" });
    }
    const told = lines(read(path)).map((line) => line.replace(/\[[^\]]*\]/, "[DATE]"));
    assert.equal(told[0], 'web 127.0.0.1 - - [DATE] "GET /a?token=s3cret HTTP/1.1" 200 2 "http://x/" "curl/8"');
    assert.match(told[1] ?? "", /^nobody 127\.0\.0\.1 - - \[DATE\] "GET \/b HTTP\/1\.1" 502 \d+ "-" "-"$/);
    assert.equal(told[2], 'web 127.0.0.1 - - [DATE] "GET /last HTTP/1.1" 200 2 "-" "-"');
    assert.match(read(path), /\[\d\d\/\d\d\/\d{4}:\d\d:\d\d:\d\d UTC\]/);
  });

  it("of an h2 router has HTTP/2's", async () => {
    using folder = tempFolder();
    const path = join(folder.path, "h2.log");
    const client = "  client: {protocol: http}\n  h2AccessLog: h2.log";
    await using daemon = await startDaemon(config(client, "h2"), folder.path);
    const session = connect(`http://127.0.0.1:${daemon.port}`);
    const stream = session.request({ [constants.HTTP2_HEADER_AUTHORITY]: "web", ":path": "/x" });
    await new Promise((resolve) => void stream.on("end", resolve).resume());
    session.close();
    await eventually("it is there", () => lines(read(path)).length === 1);
    assert.match(read(path), /^web 127\.0\.0\.1 - - \[[^\]]* \+0000\] "GET \/x HTTP\/2" 200 - "-" "-"\n$/);
  });

  it("is written by several workers at a time, line by line, and rolled by size without a lost line", async () => {
    using folder = tempFolder();
    const keys = "  httpAccessLog: access.log\n  httpAccessLogRollPolicy: 20.kilobytes";
    const text = config(keys, "http", "workers: 2");
    const daemon = await start({ text, baseDir: folder.path, writeLog: () => undefined });
    const port = daemon.servers[0]?.port ?? 0;
    const agent = "x".repeat(100);
    for (let round = 0; round < 20; round++) {
      const asked = Array.from({ length: 20 }, (_, at) =>
        get(port, `/${round}-${at}`, { host: "web", "user-agent": agent }),
      );
      assert.deepEqual([...new Set(await Promise.all(asked))], [200]);
      if (round % 5 === 0) await eventually("some are written", () => read(join(folder.path, "access.log")) !== "");
    }
    await daemon.close();
    const names = readdirSync(folder.path);
    assert.ok(names.length > 1, names.join());
    const all = names.flatMap((name) => lines(read(join(folder.path, name))));
    assert.ok(
      all.every((line) => /^web 127\.0\.0\.1 - - \[.*\] "GET \/\d+-\d+ HTTP\/1\.1" 200 2 "-" "x{100}"$/.test(line)),
    );
    assert.equal(new Set(all.map((line) => /GET (\S+)/.exec(line)?.[1])).size, 400);
    assert.equal(all.length, 400);
  });

  it("that cannot be written fails no request: a line in the log, and a metric", async () => {
    using folder = tempFolder();
    for (const path of ["/dev/full", "no/such/folder/access.log"]) {
      await using daemon = await startDaemon(config(`  httpAccessLog: ${path}`), folder.path);
      for (let at = 0; at < 5; at++) assert.equal(await get(daemon.port, "/", { host: "web" }), 200);
      await eventually("it is told", () => daemon.logged("accesslog.failed").length === 1);
      await eventually("it is counted", async () => {
        const metrics = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
        return /^linkspan_access_log_lost_total\{router="http",server="127\.0\.0\.1\/0"\} 5$/m.test(metrics);
      });
      assert.equal(await get(daemon.port, "/", { host: "web" }), 200);
      const told = daemon.log.filter(({ event, level }) => event === "accesslog.failed" && level === "warn");
      assert.equal(told.length, 1);
    }
  });
});
