/** Tests of the error codes. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { errorCode } from "../../../src/http2/error-code.ts";
import { codeNames } from "../../fakes/h2-frames.ts";

it("the codes have the numbers of the RFC", () => {
  const plain = (name: string): string => name.replaceAll("_", "").toUpperCase();
  assert.deepEqual(Object.keys(errorCode).map(plain), codeNames.map(plain));
  assert.deepEqual(Object.values(errorCode), [...codeNames.keys()]);
});
