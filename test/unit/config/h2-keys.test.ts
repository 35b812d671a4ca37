import assert from "node:assert/strict";
import { test } from "node:test";
import { h2Defaults, settingsFor } from "../../../src/config/config.ts";
import { Path } from "../../../src/naming/path.ts";
import { errorsOf, read } from "./read.ts";

const h2 = "routers:\n- protocol: h2\n  servers:\n  - {}\n";
const http = "routers:\n- protocol: http\n  servers:\n  - {}\n";
const withClient = (router: string, client: string): string =>
  router.replace("  servers", `  client: ${client}\n  servers`);

test("an h2 router of four lines has every default of Linkerd 1", async () => {
  const [router] = (await read(h2)).routers;
  assert.ok(router?.protocol === "h2");
  assert.equal(router.label, "h2");
  assert.equal(router.dstPrefix.show, "/svc");
  assert.deepEqual(
    router.identifiers.map(({ kind, config }) => [kind, config]),
    [["io.l5d.header.token", { header: ":authority" }]],
  );
  const [server] = router.servers;
  assert.equal(server?.port, 4142);
  assert.equal(server.maxConcurrentStreamsPerConnection, 1000);
  assert.deepEqual([server.initialStreamWindowBytes, server.maxFrameBytes], [65_535, 16_384]);
  assert.deepEqual([server.maxHeaderListBytes, server.headerTableBytes], [8_192, 4_096]);
  const service = settingsFor(router.service, Path.read("/svc/users"));
  assert.equal(service.responseClassifier.kind, "io.l5d.h2.nonRetryable5XX");
  assert.equal(settingsFor(router.client, Path.read("/#/zk/users")).protocol, "h2");
});

test("the keys of HTTP/2 are read on servers and clients, within what the protocol allows", async () => {
  const keys = "{initialStreamWindowBytes: 1, maxFrameBytes: 32768, maxHeaderListBytes: 65536, headerTableBytes: 0}";
  const [router] = (await read(withClient(h2, keys).replace("- {}", `- ${keys}`))).routers;
  assert.ok(router?.protocol === "h2");
  for (const said of [router.servers[0], settingsFor(router.client, Path.read("/#/zk/users"))]) {
    const read = [
      said?.initialStreamWindowBytes,
      said?.maxFrameBytes,
      said?.maxHeaderListBytes,
      said?.headerTableBytes,
    ];
    assert.deepEqual(read, [1, 32_768, 65_536, 0]);
  }
  for (const [key, value] of [
    ["initialStreamWindowBytes", 0],
    ["initialStreamWindowBytes", 2 ** 31],
    ["maxFrameBytes", 16_383],
    ["maxFrameBytes", 2 ** 24],
    ["windowUpdateRatio", 1.5],
    ["maxConcurrentStreamsPerConnection", 0],
  ] as const) {
    assert.equal((await errorsOf(h2.replace("- {}", `- {${key}: ${value}}`))).length, 1, `${key}: ${value}`);
  }
});

test("what the endpoints speak is the router's protocol, unless the client or one of its prefixes says another", async () => {
  const yaml = withClient(http, "{kind: io.l5d.static, configs: [{prefix: /#/zk/grpc, protocol: h2}]}");
  const [router] = (await read(yaml)).routers;
  assert.ok(router?.protocol === "http");
  const of = (id: string): string => settingsFor(router.client, Path.read(id)).protocol;
  assert.deepEqual([of("/#/zk/grpc"), of("/#/zk/web")], ["h2", "http"]);
});

test("keys of HTTP/2 beside HTTP/1 are refused, for they would do nothing", async () => {
  const [error] = await errorsOf(withClient(http, "{maxFrameBytes: 32768}"));
  assert.equal(error?.message, "`maxFrameBytes` is for HTTP/2");
  const [other] = await errorsOf(withClient(h2, "{protocol: http, maxHeaderListBytes: 9000}"));
  assert.equal(other?.message, "`maxHeaderListBytes` is for HTTP/2");
  assert.deepEqual(await errorsOf(withClient(http, "{protocol: h2, maxFrameBytes: 32768}")), []);
  assert.match((await errorsOf(http.replace("- {}", "- {maxFrameBytes: 32768}")))[0]?.message ?? "", /unknown key/);
});

test("an access log of h2 is read with its keys, and two routers on one standard port are found", async () => {
  const keys = "h2AccessLog: a.log\n  h2AccessLogRollPolicy: 10.megabytes\n  h2AccessLogRotateCount: 3\n";
  const { warnings, routers } = await read(h2.replace("  servers", `  ${keys}  servers`));
  assert.deepEqual(warnings, []);
  assert.deepEqual(routers[0]?.accessLog, {
    path: "a.log",
    roll: { kind: "size", bytes: 10_485_760 },
    append: true,
    rotateCount: 3,
    style: "h2",
  });
  const twice = `${h2}- protocol: h2\n  label: other\n  servers:\n  - {}\n`;
  assert.match((await errorsOf(twice))[0]?.message ?? "", /port 4142 is used twice/);
  assert.deepEqual(await errorsOf(`${h2}${http.replace("routers:\n", "")}`), []);
});

test("kinds of one protocol are refused on routers of another", async () => {
  const classifier = "  service: {responseClassifier: {kind: io.l5d.h2.grpc.default}}\n  servers";
  const [error] = await errorsOf(http.replace("  servers", classifier));
  assert.equal(error?.message, "io.l5d.h2.grpc.default is for routers with protocol: h2");
  assert.deepEqual(await errorsOf(h2.replace("  servers", classifier)), []);
});

test("the defaults that are told are the ones that hold", () => {
  assert.deepEqual(h2Defaults, {
    headerTableBytes: 4096,
    initialStreamWindowBytes: 65_535,
    maxFrameBytes: 16_384,
    maxHeaderListBytes: 8_192,
    windowUpdateRatio: 0.99,
    maxConcurrentStreamsPerConnection: 1000,
  });
});
