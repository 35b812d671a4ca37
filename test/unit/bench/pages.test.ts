import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withTables } from "../../bench/pages.ts";

describe("the page of the bench", () => {
  const page =
    "a\n<!-- bench:h1:begin -->\nold\n<!-- bench:h1:end -->\n<!-- bench:h2:begin -->\n<!-- bench:h2:end -->\nb\n";

  it("gets the tables of a mode, and keeps the rest", () => {
    const once = withTables(page, "h1", "| new |");
    assert.equal(once, page.replace("\nold\n", "\n\n| new |\n\n"));
    assert.equal(withTables(once, "h1", "| new |"), once);
  });

  it("must have a place for them", () => {
    assert.throws(() => withTables(page, "ws", ""), /no <!-- bench:ws:begin -->/);
  });
});
