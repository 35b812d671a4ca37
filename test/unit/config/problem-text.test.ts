import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../src/config/config-error.ts";
import { showProblems, type Paint } from "../../../src/config/problem-text.ts";
import { problemsOf } from "./read.ts";

const text = `routers:
- protocol: http
  dtab: |
    /svc => /#/io.l5d.fs,x ;
  servers:
  - prot: 4140
    clearContext: yes
namers:
- kind: io.l5d.consul
`;

test("errors are shown with their line, a caret, what was expected and what was meant", async () => {
  assert.equal(
    showProblems(await problemsOf(text), "Mend it, then run: linkspan check linkerd.yaml"),
    `linkerd.yaml:4:25: error: \`,\` cannot stand here
  4 |     /svc => /#/io.l5d.fs,x ;
    |                         ^
  expected \`;\` or the end, in dentries such as \`/svc => /#/io.l5d.fs ;\`

linkerd.yaml:6:5: error: unknown key \`prot\`
  6 |   - prot: 4140
    |     ^^^^
  did you mean \`port\`?
  expected one of port, ip, label, clearContext, maxCallDepth, tls, addForwardedHeader, serverSession, maxConcurrentRequests, timeoutMs, socketOptions, timestampHeader, trust, connect, tunnelIdleMs, minBodyBytesPerMin, announce, advertise

linkerd.yaml:7:19: warning: \`yes\` is read as true; YAML 1.2 reads a text
  7 |     clearContext: yes
    |                   ^^^
  expected \`true\`, which all readers read alike

linkerd.yaml:9:9: error: \`io.l5d.consul\` is not in this version
  9 | - kind: io.l5d.consul
    |         ^^^^^^^^^^^^^
  expected one of io.l5d.fs, io.l5d.curator, linkspan.dns, com.acme.lists-nothing, io.l5d.marathon, linkspan.nomad, io.l5d.serversets, io.l5d.k8s, com.acme.goes-on, com.acme.lab

3 errors, 1 warning. Mend it, then run: linkspan check linkerd.yaml`,
  );
});

test("a problem is data too", async () => {
  assert.deepEqual((await problemsOf(text))[1], {
    file: "linkerd.yaml",
    line: 6,
    column: 5,
    length: 4,
    code: "key.unknown",
    severity: "error",
    message: "unknown key `prot`",
    found: "prot",
    expected:
      "one of port, ip, label, clearContext, maxCallDepth, tls, addForwardedHeader, serverSession, maxConcurrentRequests, timeoutMs, socketOptions, timestampHeader, trust, connect, tunnelIdleMs, minBodyBytesPerMin, announce, advertise",
    nearest: "port",
    text: "  - prot: 4140",
  });
});

test("colours are put around the word and the caret only", async () => {
  const paint: Paint = { error: (x) => `<${x}>`, warning: (x) => `(${x})`, strong: (x) => x, faint: (x) => x };
  const shown = showProblems((await problemsOf(text)).slice(0, 1), "", paint);
  assert.match(shown, /<error:> /);
  assert.match(shown, /\| {25}<\^>/);
});

test("a long line is cut around its caret", async () => {
  const long = `routers:\n- protocol: http\n  label: ${"x".repeat(300)}\n  servers: [{port: 4140${" ".repeat(300)}, prt: 1}]\n`;
  const lines = showProblems(await problemsOf(long), "").split("\n");
  const caret = lines.findIndex((line) => line.includes("^^^"));
  assert.ok(lines[caret]!.length < 140);
  const at = lines[caret]!.indexOf("^");
  assert.equal(lines[caret - 1]!.slice(at, at + 3), "prt");
});

test("a ConfigError says each error in a line", async () => {
  const error = new ConfigError(await problemsOf(text));
  assert.equal(error.message.split("\n").length, 3);
  assert.match(error.message, /^linkerd\.yaml:4:25: /);
});
