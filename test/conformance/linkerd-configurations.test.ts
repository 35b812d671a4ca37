/** Each configuration that was given to a running Linkerd 1.7.5 is accepted or refused as there, or the difference is listed. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { read } from "../unit/config/read.ts";

interface Recorded {
  readonly name: string;
  readonly text: string;
  readonly accepted: boolean;
}

const later = "not in this version";
const nonsense = "started there and failed, or meant nothing, at each request";

/** Why the verdict here is not that of 1.7.5. */
const differences: Readonly<Record<string, string>> = {
  "mux-without-experimental": later,
  "thrift-ok": later,
  "namer-rewrite-bad-pattern": later,
  "interpreter-mesh-no-experimental": later,
  "transformer-port": later,
  "lb-aperture-negative": later,
  "fa-successrate-two": later,
  "client-tls-nothing": nonsense,
  "traceprop-zipkin": later,
  "experimental-quoted-true": "a boolean in quotes is an error",
  "yaml-alias-inside": "an alias is an error",
  "identifier-path-segments-zero": nonsense,
  "identifier-path-segments-negative": nonsense,
  "fa-backoff-jittered-missing": nonsense,
  "fa-backoff-jittered-inverted": nonsense,
  "retries-budget-negative": nonsense,
  "retries-budget-ttl-large": nonsense,
  "timeout-duration-string": nonsense,
  "timeout-float": nonsense,
  "service-static-no-prefix": nonsense,
  "client-static-bad-prefix": nonsense,
  "client-static-wildcard": nonsense,
  "maxheaders-negative": nonsense,
  "maxheaders-huge": nonsense,
  "bindingtimeout-negative": nonsense,
  "fs-rootdir-is-file": "found when the namer is made",
  "telemetry-zipkin-samplerate": "a share is from 0 to 1",
  "telemetry-statsd-no-experimental": "telemeters that do nothing are accepted with a warning",
};

const file = new URL("../vectors/linkerd/broken.jsonl", import.meta.url);
const records = (await readFile(file, "utf8"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

async function accepted(text: string): Promise<boolean> {
  try {
    await read(text);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

test("configurations are accepted and refused as by Linkerd 1.7.5, but for the listed differences", async () => {
  assert.ok(records.length > 100);
  const found: string[] = [];
  for (const record of records) if ((await accepted(record.text)) !== record.accepted) found.push(record.name);
  assert.deepEqual(found.toSorted(), Object.keys(differences).toSorted());
});
