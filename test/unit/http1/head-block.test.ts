/** Tests of the table of fields over one string. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HeaderList } from "../../../src/http/header-list.ts";
import { known } from "../../../src/http/known-fields.ts";
import { fieldLines } from "../../../src/http1/writer.ts";
import { headBlock } from "../../fakes/parsed-head.ts";

describe("a head block", () => {
  it("finds fields whatever their case, from a position on", () => {
    const block = headBlock("X-A: 1", "hOsT:  b ", "x-a:3");
    assert.equal(block.size, 3);
    assert.equal(block.get("host"), "b");
    assert.equal(block.find("x-a"), 0);
    assert.equal(block.find("x-a", 1), 2);
    assert.equal(block.value(2), "3");
    assert.equal(block.name(1), "hOsT");
    assert.equal(block.find("x"), -1);
    assert.equal(block.get("x-b"), undefined);
  });

  it("knows which known fields are in it, and which came twice", () => {
    const block = headBlock("Host: a", "Via: 1", "via: 2", "L5d-Dtab: x");
    assert.equal(block.seen, known.host | known.via | known.l5d);
    assert.equal(block.repeated, known.via);
    block.remove("via");
    assert.equal(block.seen, known.host | known.l5d);
    block.set("via", "3");
    assert.equal(block.seen, known.host | known.via | known.l5d);
    assert.equal(block.get("via"), "3");
  });

  it("lets canonical lines leave as they came, and writes crooked ones anew", () => {
    const block = headBlock("A: 1", "B:2", "C: 3", "D:\t4 ", "E: ", "F:");
    assert.equal(block.lines(), "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: \r\nF: \r\n");
  });

  it("leaves dropped fields out, at the ends and in the middle", () => {
    const block = headBlock("A: 1", "B: 2", "C: 3", "D: 4");
    block.drop(0);
    block.drop(2);
    assert.equal(block.lines(), "B: 2\r\nD: 4\r\n");
    block.drop(3);
    block.drop(1);
    assert.equal(block.lines(), "");
    assert.equal(block.dropped(1), true);
  });

  it("appends fields, which can be found and dropped too", () => {
    const block = headBlock("A: 1");
    block.append("X-B", " 2 ");
    assert.equal(block.size, 2);
    assert.equal(block.find("x-b"), 1);
    assert.equal(block.lines(), "A: 1\r\nX-B: 2\r\n");
    block.drop(1);
    assert.equal(block.dropped(1), true);
    assert.equal(block.find("x-b"), -1);
    assert.equal(block.lines(), "A: 1\r\n");
  });

  it("refuses to append what may not be sent", () => {
    const block = headBlock("A: 1");
    assert.throws(() => block.append("B", "1\r\nC: 2"), TypeError);
    assert.throws(() => block.append("B:", "1"), TypeError);
    assert.throws(() => block.append("B", "\u010d\u010aC: 2"), TypeError);
    assert.equal(block.lines(), "A: 1\r\n");
  });

  it("grows beyond its first table", () => {
    const lines = Array.from({ length: 200 }, (_unused, at) => `X-${at}: ${at}`);
    const block = headBlock(...lines);
    assert.equal(block.size, 200);
    assert.equal(block.get("x-199"), "199");
    assert.equal(block.lines(), lines.map((line) => `${line}\r\n`).join(""));
  });

  it("is used again without a trace", () => {
    const block = headBlock("A: 1", "Host:b");
    block.append("C", "1");
    block.reset("", 0);
    assert.equal(block.size, 0);
    assert.equal(block.seen, 0);
    assert.equal(block.lines(), "");
  });

  it("agrees with a list, whatever is done to both", () => {
    const name = fc.constantFrom("A", "b", "Host", "Via", "connection", "l5d-x");
    const value = fc.constantFrom("1", "2", "", "a b");
    const step = fc.oneof(
      fc.record({ verb: fc.constant("append" as const), name, value }),
      fc.record({ verb: fc.constant("set" as const), name, value }),
      fc.record({ verb: fc.constant("remove" as const), name, value }),
      fc.record({ verb: fc.constant("drop" as const), name, value }),
    );
    const fields = fc.array(fc.tuple(name, fc.constantFrom(":", ": ", ":  "), value));
    fc.assert(
      fc.property(fields, fc.array(step), (start, steps) => {
        const block = headBlock(...start.map((parts) => parts.join("")));
        const list = HeaderList.of(start.map(([of, , is]) => [of, is] as const));
        for (const headers of [block, list]) {
          for (const { verb, name: of, value: is } of steps) {
            const at = headers.find(of.toLowerCase());
            if (verb === "drop" && at >= 0) headers.drop(at);
            else if (verb === "remove") headers.remove(of.toLowerCase());
            else if (verb !== "drop") headers[verb](of, is);
          }
        }
        assert.equal(fieldLines(block), fieldLines(list));
        for (const each of ["a", "b", "host", "via", "connection", "l5d-x"])
          assert.equal(block.get(each), list.get(each));
      }),
    );
  });
});
