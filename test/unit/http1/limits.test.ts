/** Tests of the default limits of heads. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";

it("heads are as large as Linkerd 1 took them", () => {
  assert.deepEqual(defaultHeadLimits, { lineBytes: 4096, headBytes: 8192, fields: 100 });
});
