import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadline, showDeadline } from "../../../src/router/deadline.ts";

test("a deadline reads what it shows, to the nanosecond", () => {
  const text = "1500000000123456789 1500000001123456789";
  assert.equal(Deadline.read(text)?.show, text);
  assert.equal(Deadline.read(text)?.atMs, 1_500_000_001_123);
});

test("what has not the form is no deadline", () => {
  for (const text of ["", "1", "1  2", " 1 2", "1 2 3", "1.5 2", "-1 2", "99999999999999999999 1", "a b"]) {
    assert.equal(Deadline.read(text), undefined, text);
  }
});

test("two combine to the later setting and the earlier end", () => {
  assert.equal(new Deadline(1n, 10n).combine(new Deadline(2n, 9n)).show, "2 9");
  assert.equal(new Deadline(3n, 8n).combine(new Deadline(2n, 9n)).show, "3 8");
});

test("a deadline of whole milliseconds shows the same with and without the big numbers", () => {
  for (const [setAt, at] of [
    [1_795_405_748_104, 1_795_405_808_104],
    [1_795_405_748_104.7, 1_795_405_748_604.2],
  ] as const) {
    assert.equal(showDeadline(setAt, at), Deadline.ofMs(setAt, at).show);
  }
});
