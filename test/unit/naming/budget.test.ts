/** The budget of one binding. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget, MAX_DEPTH, MAX_OPEN_TREES, MAX_PATH_SIZE } from "../../../src/naming/budget.ts";
import { readDentry } from "../../../src/naming/parser.ts";
import { Path } from "../../../src/naming/path.ts";

test("too deep ends a branch, too many steps end everything", () => {
  const budget = new Budget(Path.of("a"), 2);
  assert.match(String(budget.enter(MAX_DEPTH + 1)), /Max recursion level: 100 reached in Namer lookup of \/a$/);
  assert.equal(budget.exhausted, undefined);
  assert.equal(budget.enter(MAX_DEPTH), undefined);
  assert.equal(budget.enter(0), undefined);
  assert.match(String(budget.enter(0)), /Max number of steps: 2/);
  assert.equal(budget.enter(0), budget.exhausted);
  assert.equal(budget.steps, 2);
});

test("the error names the dentry that was used most", () => {
  const budget = new Budget(Path.of("a"), 0);
  const [often, once] = [readDentry("/a => /b"), readDentry("/b => /a")];
  for (const dentry of [once, often, often]) budget.use(dentry);
  const error = budget.enter(0);
  assert.equal(error?.dentry, often);
  assert.match(String(error), /the dentry used most is "\/a=>\/b" \(2 times\)/);
});

test("the length of a path and the nesting of trees are bounded", () => {
  const long = new Budget(Path.of("a"));
  assert.equal(long.admits(MAX_PATH_SIZE), undefined);
  assert.match(String(long.admits(MAX_PATH_SIZE + 1)), /Max path size/);
  const nested = new Budget(Path.of("a"));
  for (let at = 0; at < MAX_OPEN_TREES; at++) nested.enter(0);
  nested.leave();
  assert.equal(nested.enter(0), undefined);
  assert.match(String(nested.enter(0)), /Max nesting of trees/);
});
