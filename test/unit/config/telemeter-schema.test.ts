import assert from "node:assert/strict";
import { test } from "node:test";
import { idleReason, telemeter } from "../../../src/config/telemeter-schema.ts";
import { errorsOf } from "./read.ts";

const withTelemeter = (text: string): string =>
  `telemetry:\n- ${text}\nrouters:\n- {protocol: http, servers: [{port: 4140}]}\n`;

test("telemeters that do nothing are read in full, with Linkerd 1's defaults", () => {
  assert.deepEqual(telemeter.parse({ kind: "io.l5d.recentRequests", sampleRate: 0.25 }), {
    kind: "io.l5d.recentRequests",
    sampleRate: 0.25,
    capacity: 10,
    experimental: false,
  });
  const zipkin = telemeter.parse({ kind: "io.l5d.zipkin" });
  assert.deepEqual(zipkin, {
    kind: "io.l5d.zipkin",
    host: "localhost",
    port: 9410,
    sampleRate: 0.001,
    experimental: false,
  });
  assert.equal(idleReason(zipkin), "this version sends no traces");
  assert.equal(idleReason(telemeter.parse({ kind: "io.l5d.prometheus" })), undefined);
});

test("a share of counts is read, and told to be for nothing", () => {
  const warnings: (string | undefined)[] = [];
  const statsd = { kind: "io.l5d.statsd", sampleRate: 0.5 };
  telemeter.parse(statsd, { warn: ({ code, at }) => void warnings.push(`${code} ${at.join(".")}`) });
  telemeter.parse({ kind: "io.l5d.statsd" }, { warn: ({ code }) => void warnings.push(code) });
  assert.deepEqual(warnings, ["key.idle sampleRate"]);
});

test("their mistakes are errors as those of others", async () => {
  for (const [text, code] of [
    ["{kind: io.l5d.recentRequests}", "key.missing"],
    ["{kind: io.l5d.recentRequests, sampleRate: 1.5}", "value.type"],
    ["{kind: io.l5d.tracelog, level: LOUD}", "value.invalid"],
    ["{kind: io.l5d.zipkin, hots: a}", "key.unknown"],
    ["{kind: io.l5d.prometheus, path: metrics}", "value.invalid"],
    ["{kind: io.l5d.nothing}", "kind.unknown"],
  ] as const) {
    assert.deepEqual(
      (await errorsOf(withTelemeter(text))).map((error) => error.code),
      [code],
      text,
    );
  }
});
