import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { madeNode } from "../../../src/config/made-source.ts";
import type { MappingNode, SourceNode } from "../../../src/config/source.ts";
import { Source } from "../../../src/config/source.ts";
import { writeYaml } from "../../../src/config/write-yaml.ts";
import { readYaml } from "../../../src/config/yaml-source.ts";

const rewritten = (text: string): string => writeYaml(readYaml(text).root as MappingNode);
const valueOf = (root: SourceNode | undefined): unknown => new Source("x", "", root).value;

test("scalars keep their letters, and texts that others would read otherwise their quotes", () => {
  assert.equal(
    rewritten('a: 1.10\nb: "1.10"\nc: 0777\nd: yes\ne: "yes"\nf: ""\ng: ~\nh: \'*\'\n'),
    'a: 1.10\nb: "1.10"\nc: 0777\nd: yes\ne: "yes"\nf: ""\ng: ~\nh: "*"\n',
  );
});

test("a text of several lines stays one, and short mappings stand on one line", () => {
  const text =
    "routers:\n- protocol: http\n  dtab: |\n    /svc => /host ;\n    /host => /#/fs ;\n  servers: [{port: 4140, ip: 0.0.0.0}]\n";
  assert.equal(rewritten(text), text);
});

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.string({ unit: fc.constantFrom(..."ab1 .:-#&*!|>'\"{}[],%@`?~\n\t=") }),
    fc.constantFrom(
      "true",
      "no",
      "1.0",
      "null",
      "~",
      "0x1f",
      "1_000",
      "",
      " a",
      "a ",
      "- a",
      "a: b",
      "a #b",
      "|\n",
      " \n",
      "a \n",
    ),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1, unit: fc.constantFrom(..."ab1.:*/ ") }), tie("value"), { maxKeys: 3 }),
  ),
})).value;

test("what is written reads back as the same values", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("a", "b", "*", "1"), json, { minKeys: 1, noNullPrototype: true }),
      (value) => {
        const text = writeYaml(madeNode(value) as MappingNode);
        const { root, problems } = readYaml(text);
        assert.deepEqual(
          problems.filter(({ severity }) => severity === "error"),
          [],
          text,
        );
        assert.deepEqual(valueOf(root), valueOf(madeNode(value)), text);
      },
    ),
    { numRuns: 500 },
  );
});
