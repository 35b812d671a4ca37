import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf, read } from "./read.ts";

const admin = (text: string): string => `admin: ${text}\nrouters:\n- {protocol: http, servers: [{port: 4140}]}\n`;

test("parts of the admin port are on unless the file says otherwise", async () => {
  const { admin: said } = await read(admin("{}"));
  assert.deepEqual([said.security, said.tls, said.httpIdentifierPort], [undefined, undefined, undefined]);
  const { admin: secured } = await read(admin("{security: {uiEnabled: false}}"));
  assert.deepEqual(secured.security, {
    uiEnabled: false,
    controlEnabled: true,
    diagnosticsEnabled: true,
    pathWhitelist: [],
    pathBlacklist: [],
  });
});

test("threads and options of sockets are read and do nothing, and it is said why", async () => {
  const { warnings } = await read(admin("{workerThreads: 4, socketOptions: {noDelay: false}}"));
  assert.deepEqual(
    warnings.map(({ code, message }) => `${code} ${message.split(":")[0]}`),
    ["key.idle `workerThreads` has no effect", "key.idle `socketOptions` has no effect"],
  );
});

test("an expression that is none, and a port that is taken, are errors at their place", async () => {
  const [expression] = await errorsOf(admin('{security: {pathBlacklist: ["/a("]}}'));
  assert.deepEqual([expression?.line, expression?.code], [1, "value.invalid"]);
  const [page] = await errorsOf(admin("{port: 9990, httpIdentifierPort: 9990}"));
  assert.match(page?.message ?? "", /port 9990 is used twice: the admin page/);
  const [server] = await errorsOf(admin("{httpIdentifierPort: 4140}"));
  assert.match(server?.message ?? "", /port 4140 is used twice: `admin\.httpIdentifierPort`/);
  assert.equal((await errorsOf(admin("{tls: {certPath: a.crt}}"))).length, 1);
});
