import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf } from "./read.ts";

const messages = async (fault: string): Promise<readonly string[]> => {
  const text = `namers:
- {kind: io.l5d.fs, rootDir: disco}
routers:
- protocol: http
  service: {faults: [${fault}]}
  servers: [{port: 4140}]
`;
  return (await errorsOf(text)).map(({ message }) => message);
};

test("a fault delays, or aborts with a status of an error, or both; of requests that it names", async () => {
  assert.deepEqual(await messages("{delay: 1s}"), []);
  assert.deepEqual(await messages("{abort: 429, fraction: 0.5, match: {path: /a, headers: {x-a: '*'}}}"), []);
  assert.deepEqual(await messages("{fraction: 0.5}"), ["this fault does nothing"]);
  assert.deepEqual(await messages("{delay: 11m}"), ["`delay` is above ten minutes"]);
  assert.match((await messages("{abort: 200}"))[0] ?? "", /`abort` is the number 200/);
  assert.match((await messages("{abort: 503, fraction: 2}"))[0] ?? "", /`fraction` is the number 2/);
});
