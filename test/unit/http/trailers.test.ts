/** Tests of what may stand in trailers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isTrailerName } from "../../../src/http/trailers.ts";

describe("a trailer", () => {
  it("may not route, frame, or tell what was needed before the body", () => {
    for (const name of ["host", "content-length", "transfer-encoding", "te", "via", "set-cookie", "content-type"])
      assert.equal(isTrailerName(name), false, name);
    for (const name of ["grpc-status", "grpc-message", "x-checksum", "server-timing", "etag"])
      assert.equal(isTrailerName(name), true, name);
  });
});
