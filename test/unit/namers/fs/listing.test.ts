import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FolderWatches } from "../../../../namers/fs/folder-watch.ts";
import { listNames } from "../../../../namers/fs/listing.ts";
import type { Path, State } from "../../../../src/plugin.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";

let root = "";
let watches: FolderWatches;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "linkspan-listing-"));
  watches = new FolderWatches(new CountingClock(), { gatherMs: 5, pollMs: 60_000, brokenPollMs: 20 });
});
afterEach(() => rm(root, { recursive: true, force: true }));

function listing(folder = root) {
  const states: State<readonly Path[]>[] = [];
  const open = listNames(folder, watches, (state) => void states.push(state));
  const shown = (): string => {
    const last = states.at(-1);
    return last?.tag === "ok" ? last.value.map(({ show }) => show).join(" ") : (last?.tag ?? "nothing");
  };
  const until = (text: string) => eventually(`listed ${text}`, () => shown() === text);
  return { states, shown, until, [Symbol.dispose]: () => open[Symbol.dispose]() };
}

test("service files are names, as they come and go; folders and hidden files are none", async () => {
  await writeFile(join(root, "users"), "");
  await writeFile(join(root, ".hidden"), "");
  await mkdir(join(root, "team"));
  using names = listing();
  await names.until("/users");
  await writeFile(join(root, "orders"), "");
  await names.until("/orders /users");
  await unlink(join(root, "users"));
  await names.until("/orders");
});

test("a link is a name where it leads to a file, and is passed over where it leads nowhere", async () => {
  await mkdir(join(root, "..data"));
  await writeFile(join(root, "..data", "web"), "");
  await symlink("..data/web", join(root, "web"));
  await symlink("..data/none", join(root, "lost"));
  using names = listing();
  await names.until("/web");
});

test("a name's element is the bytes of the file's name", async () => {
  await writeFile(join(root, "käse"), "");
  using names = listing();
  await names.until(String.raw`/\x6b\xc3\xa4\x73\x65`);
});

test("a folder that is not there is a failure until it comes", async () => {
  const folder = join(root, "later");
  using names = listing(folder);
  await names.until("failed");
  await mkdir(folder);
  await writeFile(join(folder, "users"), "");
  await names.until("/users");
});

test("nothing is told after its end", async () => {
  const names = listing();
  await names.until("");
  names[Symbol.dispose]();
  const before = names.states.length;
  await writeFile(join(root, "users"), "");
  await quietFor(50);
  assert.equal(names.states.length, before);
});
