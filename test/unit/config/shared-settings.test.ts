import assert from "node:assert/strict";
import { test } from "node:test";
import { Pattern } from "../../../src/config/pattern.ts";
import { SharedSettings } from "../../../src/config/shared-settings.ts";
import { type Settings, settingsFor } from "../../../src/config/static-settings.ts";
import { Path } from "../../../src/naming/path.ts";

interface Sample {
  readonly a: number;
  readonly b: number;
}

const settings: Settings<Sample> = {
  base: { a: 1, b: 1 },
  rules: [
    { prefix: Pattern.read("/svc/x"), settings: { a: 2 } },
    { prefix: Pattern.read("/svc/*/inner"), settings: { b: 3 } },
  ],
};

test("names that the same rules match have one object of settings, which says what holds for each", () => {
  const shared = new SharedSettings(settings);
  for (const name of ["/svc/x", "/svc/y", "/svc/x/inner", "/svc/y/inner", "/other"]) {
    assert.deepEqual(shared.of(Path.read(name)), settingsFor(settings, Path.read(name)), name);
  }
  assert.equal(shared.of(Path.read("/svc/x")), shared.of(Path.read("/svc/x/more")));
  assert.equal(shared.of(Path.read("/svc/y")), settings.base);
  assert.notEqual(shared.of(Path.read("/svc/x")), shared.of(Path.read("/svc/x/inner")));
});
