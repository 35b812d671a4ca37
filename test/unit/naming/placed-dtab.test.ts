import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlacedDtab } from "../../../src/naming/placed-dtab.ts";

test("each rule of a dtab in a file says on which line it begins", () => {
  const text = "# routes\n/svc => /#/io.l5d.fs ;\n\n  /svc/users =>\n    /#/a |\n    /#/b ;\n/x => /y; /y => /z";
  const dtab = readPlacedDtab(text, "routes.dtab");
  assert.deepEqual(
    dtab.dentries.map(({ place }) => place),
    ["routes.dtab:2", "routes.dtab:4", "routes.dtab:7", "routes.dtab:7"],
  );
});

test("a dtab that cannot be read is told with line and column, and what was expected there", () => {
  const wrong = (text: string, message: RegExp): void => {
    assert.throws(() => readPlacedDtab(text, "consul:dtabs/web"), { message });
  };
  wrong("/svc => /a ;\r\n/svc => & ;", /^consul:dtabs\/web:2:9: simple expected but '&' found at/);
  wrong("/svc => /a\n/b", /^consul:dtabs\/web:2:1: /);
  wrong("/a => /b ;\n/c => & /d ;\n\n", /^consul:dtabs\/web:2:7: .* at '\/a => \/b ; \/c => \[&\] \/d ; '$/);
  wrong("svc", /^consul:dtabs\/web:1:1: /);
  wrong("/svc =>", /^consul:dtabs\/web:1:8: .* end of input/);
});

test("a text without a rule is the empty dtab", () => {
  assert.equal(readPlacedDtab(" \n# nothing here\n", "f").size, 0);
});
