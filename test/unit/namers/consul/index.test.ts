import assert from "node:assert/strict";
import { test } from "node:test";
import { consulAnnouncer, consulNamer } from "../../../../namers/consul/index.ts";
import { SchemaError, type SchemaProblem } from "../../../../src/plugin.ts";

function problemsOf(input: object): readonly SchemaProblem[] {
  try {
    consulNamer.schema.parse(input);
    return [];
  } catch (error) {
    assert.ok(error instanceof SchemaError);
    return error.problems;
  }
}

test("without a key everything is as in Linkerd 1, where a registry that cannot be reached lets others answer", () => {
  const config = consulNamer.schema.parse({});
  assert.deepEqual([config.host, config.port, config.consistencyMode], ["localhost", 8500, "default"]);
  assert.deepEqual([config.includeTag, config.useHealthCheck, config.setHost], [false, false, false]);
  assert.deepEqual([config.preferServiceAddress, config.useServiceWeights, config.tagAfterHash], [true, false, false]);
  assert.equal(consulNamer.whenUnreachable, "next");
});

test("two keys of Linkerd 1 are taken, with a warning that says why they do nothing", () => {
  const warnings: string[] = [];
  const warn = (problem: SchemaProblem): void => void warnings.push(problem.message);
  consulNamer.schema.parse({ failFast: true, fixedLengthStreamedAfterKB: 1024 }, { warn });
  assert.equal(warnings.length, 2);
});

test("health statuses that nobody asks for are taken, with a warning", () => {
  const warnings: string[] = [];
  const warn = (problem: SchemaProblem): void => void warnings.push(problem.message);
  consulNamer.schema.parse({ healthStatuses: ["warning"] }, { warn });
  assert.match(warnings.join(), /useHealthCheck/);
});

for (const [input, says] of [
  [{ port: "8500" }, /quotes/],
  [{ healthStatuses: ["Passing"], useHealthCheck: true }, /Passing/],
  [{ healthStatuses: [], useHealthCheck: true }, /list/],
  [{ consistencyMode: "strong" }, /strong/],
  [{ token: "a", tokenFile: "b" }, /beside/],
  [{ maxHeadersKB: 8 }, /gone since Linkerd 1.7/],
  [{ tls: {} }, /commonName/],
  [{ tls: { commonName: "c", trustCerts: ["a"], trustCertsBundle: "b" } }, /trustCerts/],
  [{ weights: [{ tag: "a" }] }, /weight/],
  [{ inludeTag: true }, /inludeTag/],
] as const) {
  test(`${JSON.stringify(input)} is refused`, () => {
    const problems = problemsOf(input);
    assert.ok(
      problems.some((each) => says.test(`${each.message} ${each.expected ?? ""} ${each.received ?? ""}`)),
      JSON.stringify(problems),
    );
  });
}

test("an announcer has the namer's keys of how an agent is reached, which a mirror takes from it", () => {
  assert.deepEqual(consulAnnouncer.connection, ["host", "port", "token", "tokenFile", "tls"]);
  const { host, port, tags, service, node } = consulAnnouncer.schema.parse({});
  assert.deepEqual([host, port, tags, service, node], ["localhost", 8500, [], undefined, undefined]);
});
