import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf } from "./read.ts";

const router = "routers:\n- protocol: http\n  label: out\n  servers: [{port: 4140}]\n";

/** The line, the column and the message of the only error of a file with one slip. */
async function told(from: string, to: string): Promise<string> {
  assert.ok(router.includes(from));
  const [error, ...more] = await errorsOf(router.replace(from, to));
  assert.deepEqual(more, []);
  return `${error?.line}:${error?.column} ${error?.message} (${error?.expected})`;
}

test("a slip is shown where it was made, and not where the reader of YAML noticed it", async () => {
  assert.equal(await told("protocol: http", "protocol:http"), "2:11 no space after the `:` (`protocol: http`)");
  assert.equal(await told("- protocol", "-protocol"), "2:1 no space after the `-` (`- `)");
  assert.equal(
    await told("protocol: http", "protocol:\u00a0http"),
    "2:12 the letter U+00A0 looks like a space and is none (a space)",
  );
  assert.equal(
    await told("label: out", "label:\nout"),
    "4:1 this value is not indented below its key (it in the same line, or further right)",
  );
  assert.equal(
    await told("routers:\n", "admin:\n  port: 1\n- port: 2\n  ip: 127.0.0.1\nrouters:\n"),
    "3:1 an entry of a list among the keys of a mapping (`- ` before all, or none)",
  );
});

test("a line that is only too far to the right is shown as that", async () => {
  assert.match(await told("  label", "   label"), /^3:4 this line is indented further than its neighbours/);
});

test("a `*` that lacks its quotes is no riddle about aliases", async () => {
  const [error] = await errorsOf("routes:\n  *: 127.0.0.1:80\n");
  assert.deepEqual([error?.line, error?.column, error?.message], [2, 3, "`*` without quotes is an alias"]);
});

test("what is empty is shown where it is empty, and a key that is nearly another as that", async () => {
  const [empty] = await errorsOf("admin: {port: 1}\nrouters:\n");
  assert.deepEqual([empty?.line, empty?.message], [2, "`routers` is empty"]);
  const [misspelt, ...more] = await errorsOf(router.replace("protocol", "protocl"));
  assert.deepEqual([misspelt?.message, misspelt?.nearest, more], ["unknown key `protocl`", "protocol", []]);
});
