import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsFor } from "../../../src/config/config.ts";
import { Path } from "../../../src/naming/path.ts";
import { builtins } from "../../../src/builtins.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";

const read = (text: string) => parseConfig(text, { file: "linkerd.yaml", baseDir: "/", builtins });

async function messages(text: string): Promise<readonly string[]> {
  try {
    await read(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ message }) => message);
  }
}

/** Of the first router, without the plugin itself. */
async function balancerOf(text: string, id = "/#/io.l5d.fs/users") {
  const config = await read(text);
  const [router] = config.routers;
  assert.ok(router);
  const { plugin: _, ...balancer } = settingsFor(router.client, Path.read(id)).loadBalancer;
  return balancer;
}

const linkerd = (balancer: string, protocol = "http"): string =>
  `routers:\n- protocol: ${protocol}\n  client: {loadBalancer: ${balancer}}\n  servers: [{port: 1}]\n`;
const short = (more: string): string => `sources: {files: {files: ./disco}}\n${more}\n`;

test("a linkerd.yaml that says nothing has p2c, and nothing that Linkerd 1 did not have", async () => {
  assert.deepEqual(await balancerOf("routers:\n- {protocol: http, servers: [{port: 1}]}\n"), {
    kind: "p2c",
    config: {},
    slowStartMs: 0,
    panicThreshold: 0,
  });
});

test("the short form that says nothing has Peak EWMA with a penalty, slow start and the panic threshold", async () => {
  assert.deepEqual(await balancerOf(short("routes: {users: files/users}"), "/#/files/users"), {
    kind: "ewma",
    config: { decayTimeMs: 10_000, failurePenaltyMs: 1_000 },
    slowStartMs: 10_000,
    panicThreshold: 0.5,
  });
});

test("all of it can be said in a linkerd.yaml; names of headers are without their case", async () => {
  const said =
    "{kind: heap, slowStartMs: 7, panicThreshold: 0.25, locality: {minOpen: 3}, sticky: {header: X-User}, enableProbation: false}";
  assert.deepEqual(await balancerOf(linkerd(said)), {
    kind: "heap",
    config: {},
    slowStartMs: 7,
    panicThreshold: 0.25,
    locality: { minOpen: 3, share: 0.7 },
    sticky: { header: "x-user" },
  });
});

test("what a route says of the choice stands above what the file says for all", async () => {
  const text = short(`slowStart: 3s
locality: {share: 0.5}
panic: 0
routes:
  users: {to: files/users, failurePenalty: 2s, sticky: {header: x-user}}
  mail: {to: files/mail, balancer: aperture, slowStart: 0s}
  far: {to: files/far, locality: off}
  near: {to: files/near, locality: true}
  other: files/other`);
  const all = { panicThreshold: 0, locality: { minOpen: 2, share: 0.5 } };
  assert.deepEqual(await balancerOf(text, "/#/files/users"), {
    kind: "ewma",
    config: { decayTimeMs: 10_000, failurePenaltyMs: 2_000 },
    slowStartMs: 3_000,
    sticky: { header: "x-user" },
    ...all,
  });
  const { config: _, ...mail } = await balancerOf(text, "/#/files/mail");
  assert.deepEqual(mail, { kind: "aperture", slowStartMs: 0, ...all });
  assert.equal((await balancerOf(text, "/#/files/other")).slowStartMs, 3_000);
  assert.equal((await balancerOf(text, "/#/files/far")).locality, undefined);
  assert.deepEqual((await balancerOf(text, "/#/files/near")).locality, { minOpen: 2, share: 0.7 });
});

test("the zone may be said in either form", async () => {
  assert.equal((await read(short("zone: a\nroutes: {users: files/users}"))).zone, "a");
  assert.equal((await read(`zone: b\n${linkerd("{kind: p2c}")}`)).zone, "b");
  assert.equal((await read(linkerd("{kind: p2c}"))).zone, undefined);
});

test("what cannot hold is refused where it stands", async () => {
  assert.deepEqual(await messages(linkerd("{kind: p2c, panicThreshold: 2}")), ["`panicThreshold` is the number 2"]);
  assert.deepEqual(await messages(linkerd("{kind: p2c, locality: {minOpen: 0}}")), ["`minOpen` is the number 0"]);
  assert.deepEqual(await messages(linkerd("{kind: p2c, sticky: {header: a b}}")), ['"a b" is no name of a header']);
  assert.deepEqual(await messages(linkerd("{kind: p2c, sticky: {header: a}}", "tcp")), [
    "`sticky` is for requests; a TCP router has none",
  ]);
  assert.deepEqual(await messages(linkerd("{kind: aperture, lowLoad: 3}")), ["`lowLoad` is not below `highLoad`"]);
});
