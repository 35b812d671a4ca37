import assert from "node:assert/strict";
import { test } from "node:test";
import { ListedNames } from "../../../../namers/kubernetes/listed-names.ts";
import type { State } from "../../../../src/base/var.ts";
import type { Path } from "../../../../src/naming/path.ts";

function listing(most?: number) {
  const told: string[] = [];
  const set = (state: State<readonly Path[]>): void =>
    void told.push(
      state.tag === "ok"
        ? state.value.map((each) => each.show).join()
        : state.tag === "failed"
          ? state.cause.message
          : state.tag,
    );
  return { told, listed: new ListedNames(set, most) };
}

test("a name is listed for as long as one object has it, and a list that is the same is not told again", () => {
  const { told, listed } = listing();
  listed.changed(undefined, ["/b", "/a"]);
  listed.changed(undefined, ["/a"]);
  listed.settled();
  listed.changed(["/a"], undefined);
  listed.settled();
  listed.changed(["/b", "/a"], ["/b"]);
  listed.settled();
  assert.deepEqual(told, ["/a,/b", "/b"]);
});

test("that there are no names is told, and after an outage the list is told again", () => {
  const { told, listed } = listing();
  listed.settled();
  listed.failed(new Error("gone"));
  listed.well();
  assert.deepEqual(told, ["", "gone", ""]);
});

test("more names than anybody can use have failed, until they are fewer", () => {
  const { told, listed } = listing(1);
  listed.changed(undefined, ["/a", "/b"]);
  listed.settled();
  listed.changed(["/a", "/b"], ["/b"]);
  listed.settled();
  assert.deepEqual(told, ["there are 2 names, more than 1", "/b"]);
});
