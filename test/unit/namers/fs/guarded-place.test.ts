import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FolderWatches } from "../../../../namers/fs/folder-watch.ts";
import { GuardedPlace } from "../../../../namers/fs/guarded-place.ts";
import type { Seen } from "../../../../namers/fs/place.ts";
import { SourceGuard } from "../../../../src/base/guard.ts";
import type { State } from "../../../../src/base/var.ts";
import { WatchBook } from "../../../../src/naming/watch-book.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";

const HOLD_MS = 30_000;
let root: string;
let file: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "linkspan-place-"));
  file = join(root, "users");
});

afterEach(() => rm(root, { recursive: true, force: true }));

function placeAt(stack: DisposableStack) {
  const clock = new FakeClock(Date.now());
  const log = new RecordingLog();
  const guard = new SourceGuard({ holdMs: HOLD_MS, nameShare: 0.5, sourceShare: 0.2 }, clock, seededRandom(1), log);
  const book = new WatchBook(testContext({ clock, log }));
  // Notices of the file system come in true time.
  const time = new CountingClock();
  const folders = new FolderWatches(time);
  const told: State<Seen>[] = [];
  const page = book.open("/users");
  const tell = (state: State<Seen>): void => void told.push(state);
  stack.use(new GuardedPlace({ name: "users", root, file, folders, clock, guard, page, tell }));
  const ports = (): string => {
    const last = told.at(-1);
    if (last?.tag !== "ok" || last.value.kind !== "file") return last?.tag === "ok" ? last.value.kind : "unknown";
    const { content } = last.value;
    return content.tag === "ok" ? content.value.addresses.map(({ port }) => port).join() : content.tag;
  };
  const shows = (wanted: string) =>
    eventually(`it is ${wanted}`, () => ports() === wanted).catch((error: Error) => {
      throw new Error(`${error.message}, and not ${ports()}`, { cause: error });
    });
  const isHeld = (): boolean => guard.held().length > 0;
  return { clock, time, guard, book, told, shows, isHeld };
}

const lines = (...ports: number[]): string => ports.map((port) => `127.0.0.1 ${port}\n`).join("");

test("an edit is believed at once, however much it takes away, and so is a file that is taken away", async () => {
  using stack = new DisposableStack();
  await writeFile(file, lines(1, 2, 3, 4));
  const { shows, isHeld } = placeAt(stack);
  await shows("1,2,3,4");
  await writeFile(file, lines(4));
  await shows("4");
  await rm(file);
  await shows("missing");
  assert.equal(isHeld(), false);
});

test("a file that became empty is held, and believed after the hold where it still is", async () => {
  using stack = new DisposableStack();
  await writeFile(file, lines(1, 2));
  const { clock, shows, isHeld, book } = placeAt(stack);
  await shows("1,2");
  await writeFile(file, "");
  await eventually("held", isHeld);
  await shows("1,2");
  assert.deepEqual(
    book.views().map(({ state }) => state),
    ["held"],
  );
  clock.advance(HOLD_MS);
  await shows("");
  assert.equal(isHeld(), false);
});

test("what was cut short and is whole again after the hold is what the second look finds", async () => {
  using stack = new DisposableStack();
  await writeFile(file, lines(1, 2));
  const { clock, guard, shows, isHeld } = placeAt(stack);
  await shows("1,2");
  await writeFile(file, "");
  await eventually("held", isHeld);
  await writeFile(file, lines(2, 3));
  clock.advance(HOLD_MS);
  await shows("2,3");
  assert.deepEqual(guard.held(), []);
});

test("a file that cannot be read as one changes nothing: it is a failure of that place alone", async () => {
  using stack = new DisposableStack();
  await writeFile(file, lines(1, 2));
  const { shows, isHeld, guard } = placeAt(stack);
  await shows("1,2");
  await writeFile(file, "127.0.0.1 none\n");
  await shows("failed");
  assert.equal(isHeld(), false);
  await writeFile(file, lines(1));
  await shows("1");
  assert.deepEqual(guard.held(), []);
});

test("a folder is told as one, and is no loss where a file was", async () => {
  using stack = new DisposableStack();
  await writeFile(file, lines(1));
  const { shows, isHeld } = placeAt(stack);
  await shows("1");
  await rm(file);
  await mkdir(file);
  await shows("folder");
  assert.equal(isHeld(), false);
});

test("its page goes with it, and so do its timers and its name in the guard", async () => {
  const stack = new DisposableStack();
  await writeFile(file, lines(1));
  const { clock, time, guard, book, shows, isHeld } = placeAt(stack);
  await shows("1");
  await writeFile(file, "");
  await eventually("held", isHeld);
  stack.dispose();
  assert.deepEqual([book.views(), guard.held(), clock.waiting, time.waiting], [[], [], 0, 0]);
});
