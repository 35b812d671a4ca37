/** Tests of the reading of trailers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BAD_VALUE, isValue, nameKind } from "../../../src/http2/field-kind.ts";
import { TrailerFields } from "../../../src/http2/trailer-fields.ts";
import { live } from "../../fakes/header-blocks.ts";

const reader = new TrailerFields();

function read(...lines: readonly string[]): string | undefined {
  reader.reset();
  for (const line of lines) {
    const colon = line.indexOf(": ", 1);
    const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
    reader.field(name, value, nameKind(name) | (isValue(value) ? 0 : BAD_VALUE));
  }
  return reader.finish();
}

describe("trailers", () => {
  it("are read in their order, without what may not stand there", () => {
    assert.equal(read("grpc-status: 0", "content-length: 5", "x-a: 1", "host: h", "grpc-message: ok"), undefined);
    assert.deepEqual(live(reader.trailers), ["grpc-status: 0", "x-a: 1", "grpc-message: ok"]);
  });

  it("are theirs who took them", () => {
    read("a: 1");
    const first = reader.trailers;
    read("b: 2");
    assert.deepEqual([live(first), live(reader.trailers)], [["a: 1"], ["b: 2"]]);
  });

  it("have no pseudo field, none of a connection, and none that may not stand", () => {
    for (const name of [":status", ":path", ":foo"]) assert.equal(read("a: 1", `${name}: 1`), "pseudo.unknown");
    assert.equal(read("connection: x"), "field.connection");
    assert.equal(read("X-A: 1"), "field.name");
    assert.equal(read("a: 1\n"), "field.value");
    assert.equal(read("host: \0"), "field.value");
    assert.equal(read(), undefined);
  });
});
