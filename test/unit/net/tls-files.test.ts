/** Tests of what is made anew when files change. */
import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CertificateError } from "../../../src/base/certificates.ts";
import { FILE_POLL_MS, TlsFiles } from "../../../src/net/tls-files.ts";
import { CountingClock } from "../../../src/testing/counting-clock.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";
import { waitUntil } from "../../load/wait-until.ts";

class Watched implements Disposable {
  readonly clock = new FakeClock();
  readonly reloaded: string[] = [];
  readonly kept: string[] = [];
  readonly files: TlsFiles<string>;
  #looks = 0;

  constructor(...paths: string[]) {
    const inner = this.clock;
    const clock = {
      now: () => inner.now(),
      wall: () => inner.wall(),
      timer: (ms: number, fn: () => void) => {
        this.#looks++;
        return inner.timer(ms, fn);
      },
    };
    this.files = new TlsFiles({
      clock,
      make: (read) => {
        const text = paths.map((path) => read(path).toString()).join("|");
        if (text.includes("broken")) throw new CertificateError(paths[0] ?? "", `broken: ${text}`);
        return text;
      },
      reloaded: (value) => void this.reloaded.push(value),
      kept: (cause) => void this.kept.push(cause.message),
    });
  }

  /** So many looks, each of them over before the next. */
  async look(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await waitUntil("the look before is over", 5_000, () => this.#looks > 0);
      this.#looks = 0;
      this.clock.advance(FILE_POLL_MS);
    }
    await waitUntil("the last look is over", 5_000, () => this.#looks > 0);
  }

  [Symbol.dispose](): void {
    this.files[Symbol.dispose]();
  }
}

describe("files that make something", () => {
  it("make it anew once a change has been the same for two looks", async () => {
    using folder = tempFolder({ a: "1", b: "2" });
    using watched = new Watched(join(folder.path, "a"), join(folder.path, "b"));
    assert.equal(watched.files.value, "1|2");
    await watched.look(2);
    folder.write("a", "one");
    await watched.look(1);
    assert.deepEqual(watched.reloaded, []);
    await watched.look(1);
    assert.deepEqual([watched.reloaded, watched.files.value], [["one|2"], "one|2"]);
    await watched.look(3);
    assert.equal(watched.reloaded.length, 1);
  });

  it("may be replaced by a rename, or behind a link as Kubernetes swaps it", async () => {
    using folder = tempFolder({ "v1/tls": "old", "v2/tls": "new", c: "c" });
    symlinkSync("v1", join(folder.path, "..data"));
    symlinkSync("..data/tls", join(folder.path, "tls"));
    using watched = new Watched(join(folder.path, "tls"), join(folder.path, "c"));
    await watched.look(1);
    symlinkSync("v2", join(folder.path, "..next"));
    renameSync(join(folder.path, "..next"), join(folder.path, "..data"));
    await watched.look(2);
    assert.equal(watched.files.value, "new|c");
    folder.write("d", "d");
    renameSync(join(folder.path, "d"), join(folder.path, "c"));
    await watched.look(2);
    assert.equal(watched.files.value, "new|d");
  });

  it("that cannot be used leave what was made before, and are told once until they change again", async () => {
    using folder = tempFolder({ a: "1" });
    const path = join(folder.path, "a");
    using watched = new Watched(path);
    await watched.look(1);
    writeFileSync(path, "broken");
    await watched.look(5);
    assert.deepEqual([watched.files.value, watched.kept], ["1", ["broken: broken"]]);
    rmSync(path);
    await watched.look(4);
    assert.equal(watched.kept.length, 2);
    assert.match(watched.kept[1] ?? "", /there is no such file/);
    writeFileSync(path, "2");
    await watched.look(2);
    assert.deepEqual([watched.files.value, watched.reloaded], ["2", ["2"]]);
  });

  it("must make it at the start", () => {
    using folder = tempFolder();
    mkdirSync(join(folder.path, "folder"));
    assert.throws(() => new Watched(join(folder.path, "absent")), /cannot read .*absent: there is no such file/);
    assert.throws(() => new Watched(join(folder.path, "folder")), /it is a directory/);
  });

  it("are looked at no more when it is disposed of", async () => {
    using folder = tempFolder({ a: "1" });
    const clock = new CountingClock();
    const files = new TlsFiles({
      clock,
      make: (read) => read(join(folder.path, "a")).toString(),
      reloaded: () => undefined,
      kept: () => undefined,
    });
    await waitUntil("the first look is over", 5_000, () => clock.waiting > 0);
    files[Symbol.dispose]();
    assert.equal(clock.waiting, 0);
  });
});
