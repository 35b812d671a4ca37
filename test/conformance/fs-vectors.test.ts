/** What a running Linkerd 1.7.5 made of service files, asked of `io.l5d.fs`. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileDifferences } from "../../scripts/linkerd-admin-differences.ts";
import { FsNamer } from "../../namers/fs/namer.ts";
import type { AddressSet } from "../../src/base/address.ts";
import { Path } from "../../src/naming/path.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";

interface Endpoint {
  readonly ip: string;
  readonly port: number;
  readonly meta: { readonly endpoint_addr_weight?: number };
}

interface Vector {
  readonly file: string;
  readonly content?: string;
  readonly delegation: {
    readonly delegate: {
      readonly type: "leaf" | "neg";
      readonly bound?: {
        readonly id: string;
        readonly path: string;
        readonly addr:
          | { readonly type: "bound"; readonly addrs: readonly Endpoint[] }
          | { readonly type: "failed"; readonly cause: string };
      };
    };
  };
}

/** Where Linkspan gives another answer. */
const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
  hostname: ["localhost:18101*1"],
  ipv6: ["[::1]:18101*1"],
};

const vectors = readFileSync(new URL("../vectors/linkerd/fs.jsonl", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Vector);

let root = "";
let namer: FsNamer;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "linkspan-fs-vectors-"));
  await mkdir(join(root, "subdir"));
  await writeFile(join(root, "one"), "127.0.0.1 18101\n");
  for (const { file, content } of vectors) if (content !== undefined) await writeFile(join(root, file), content);
  namer = new FsNamer({ root }, testContext());
});

after(async () => {
  await namer[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

const shown = (set: AddressSet): readonly string[] =>
  set.addresses.map(({ host, port, weight }) => `${host.includes(":") ? `[${host}]` : host}:${port}*${weight}`);

const wanted = ({ ip, port, meta }: Endpoint): string => `${ip}:${port}*${meta.endpoint_addr_weight ?? 1}`;

for (const { file, delegation } of vectors) {
  const { type, bound } = delegation.delegate;
  const why = fileDifferences[file];
  test(`the service file ${file} is ${type}, as Linkerd 1.7.5 had it${why === undefined ? "" : ` but for this: ${why}`}`, async () => {
    using followed = new FollowedName(namer.lookup(Path.from(file.split("/"))));
    await eventually("an answer", () => followed.tree.state.tag === "ok");
    assert.equal(followed.tree.value?.tag, type);
    if (!bound) return;
    await eventually("addresses", () => followed.addresses?.state.tag !== "pending");
    assert.equal(`/#/io.l5d.fs${followed.bound?.id.show}`, bound.id);
    assert.equal(followed.bound?.residual.show, bound.path);
    const state = followed.addresses?.state;
    if (bound.addr.type === "failed")
      return assert.equal(state?.tag === "failed" && state.cause.message, bound.addr.cause);
    const expected = DIFFERENT[file] ?? bound.addr.addrs.map(wanted);
    assert.deepEqual(state?.tag === "ok" && shown(state.value), expected);
  });
}

test("every vector that is listed as different exists", () => {
  const files = vectors.map((vector) => vector.file);
  assert.deepEqual(Object.keys(fileDifferences), Object.keys(DIFFERENT));
  assert.deepEqual(
    Object.keys(DIFFERENT).filter((file) => !files.includes(file)),
    [],
  );
});
