import assert from "node:assert/strict";
import { test } from "node:test";
import { readAdvertised } from "../../../src/config/announcer-field.ts";
import { announcedRest } from "../../../src/config/announce-check.ts";
import { Path } from "../../../src/naming/path.ts";
import { errorsOf, read } from "./read.ts";

const announcers = "announcers: [{kind: io.l5d.serversets, zkAddrs: [{host: zk1}], pathPrefix: /discovery/prod}]";
const router = (server: string, above = announcers): string =>
  `routers:\n- protocol: http\n  ${above}\n  servers:\n  - ${server}\n`;

test("a router's announcers and what its servers are announced by are read as Linkerd 1 had them", async () => {
  const { routers, warnings } = await read(router("{ip: 10.0.0.7, announce: [/#/io.l5d.serversets/web]}"));
  const [{ announcers: read1 = [], servers = [] } = {}] = routers;
  assert.deepEqual(
    read1.map(({ prefix, kind, config }) => [prefix.show, kind, config]),
    [
      [
        "/io.l5d.serversets",
        "io.l5d.serversets",
        { zkAddrs: [{ host: "zk1", port: 2181 }], path: "/discovery", pathPrefix: "/discovery/prod" },
      ],
    ],
  );
  assert.deepEqual(
    servers[0]?.announce?.map(({ show }) => show),
    ["/#/io.l5d.serversets/web"],
  );
  assert.deepEqual(warnings, []);
});

test("a name that no announcer takes, and a server that nobody else can call, are warnings", async () => {
  const { warnings } = await read(router("{announce: [/#/io.l5d.serversets/a, /#/zk/b]}"));
  assert.deepEqual(
    warnings.map(({ line, code, message }) => `${line} ${code} ${message}`),
    [
      "5 value.invalid the server listens on 127.0.0.1 and is announced so: nobody on another host can call it",
      "5 dtab.unserved no announcer of this router takes /#/zk/b: it is not announced",
    ],
  );
  assert.deepEqual((await read(router("{advertise: gw, announce: [/#/io.l5d.serversets/a]}"))).warnings, []);
});

test("announcers at the top of a file, and kinds that nobody has, are mistakes", async () => {
  const messages = async (text: string) => (await errorsOf(text)).map(({ message }) => message);
  assert.deepEqual(await messages(`announcers: []\n${router("{}", "label: a")}`), [
    "`announcers` belongs into an entry of `routers`",
  ]);
  assert.deepEqual(await messages(router("{}", "announcers: [{kind: io.l5d.serverset, zkAddrs: [{host: a}]}]")), [
    "unknown kind `io.l5d.serverset`",
  ]);
});

test("what is advertised is an address with or without a port", () => {
  assert.deepEqual(readAdvertised("10.0.0.7"), { host: "10.0.0.7" });
  assert.deepEqual(readAdvertised("gw.example:8080"), { host: "gw.example", port: 8080 });
  assert.deepEqual(readAdvertised("::1"), { host: "::1" });
  assert.deepEqual(readAdvertised("[fd00::1]:80"), { host: "fd00::1", port: 80 });
  for (const text of ["", ":80", "a b", "a:0", "a:70000", "http://a", "[a]:80", "-a", "a:b"]) {
    assert.throws(() => readAdvertised(text), /is not an address/, text);
  }
});

test("what is left of an announced name is what follows the announcer's prefix", () => {
  const rest = (name: string, prefix: string) => announcedRest(Path.read(name), Path.read(prefix))?.show;
  assert.equal(rest("/#/io.l5d.serversets/prod/web", "/io.l5d.serversets"), "/prod/web");
  assert.equal(rest("/#/io.l5d.serversets", "/io.l5d.serversets"), "/");
  assert.equal(rest("/io.l5d.serversets/web", "/io.l5d.serversets"), undefined);
});
