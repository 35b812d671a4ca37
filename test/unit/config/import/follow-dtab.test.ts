import assert from "node:assert/strict";
import { test } from "node:test";
import { followDtab, textOfTree } from "../../../../src/config/import/follow-dtab.ts";
import { Dtab } from "../../../../src/naming/dtab.ts";
import { Path } from "../../../../src/naming/path.ts";

function led(dtab: string, name = "/svc/users"): string | undefined {
  const tree = followDtab(Dtab.read(dtab), Path.read(name));
  return tree && textOfTree(tree);
}

test("a name is followed through every step to what namers are asked for", () => {
  assert.equal(led("/srv => /#/fs ; /host => /srv ; /svc => /host"), "/#/fs/users");
  assert.equal(
    led("/svc => /#/fs ; /svc/users => /#/zk/u | /$/inet/10.0.0.1/80"),
    "(/#/zk/u | /$/inet/10.0.0.1/80 | /#/fs/users)",
  );
  assert.equal(led("/svc => 1 * /#/a & 3 * /#/b"), "(1*/#/a/users & 3*/#/b/users)");
  assert.equal(led("/svc => /$/inet/10.0.0.1/80"), "/$/inet/10.0.0.1/80/users");
  assert.equal(led("/#/fs => /#/zk ; /svc => /#/fs"), "/#/zk/users");
});

test("alternatives stand in one list, each once, up to the one that ends it", () => {
  assert.equal(led("/svc => /#/a ; /svc => /#/b | /#/a"), "(/#/b/users | /#/a/users)");
  assert.equal(led("/svc => /#/a ; /svc/users => /#/b | ! "), "(/#/b | fail)");
  assert.equal(led("/svc => ~ | /#/a"), "/#/a/users");
  assert.equal(led("/host => /#/a"), "neg");
});

test("what leads on and on, or to a namer of the system's own, is not known", () => {
  assert.equal(led("/svc => /host ; /host => /svc"), undefined);
  assert.equal(led("/svc => /$/nil"), undefined);
  assert.equal(led("/svc => /$/io.buoyant.rinet/80"), undefined);
  assert.equal(led("/svc => /$/inet/h"), undefined);
});
