/** What every store of shared documents is held to, whatever it is made of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DocumentStore } from "../../src/base/document-store.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedVar } from "../../src/testing/followed-var.ts";

export interface StoreFixture extends AsyncDisposable {
  /** Another daemon's store of the same documents; the fixture does not close it. */
  open(): Promise<DocumentStore>;
  /** The backend cannot be asked, and can again; a store on a disk has none of it. */
  readonly outage?: { down(): Promise<void>; up(): Promise<void> };
}

const WITHIN_MS = 2_000;

class Seat implements AsyncDisposable {
  readonly store: DocumentStore;
  readonly seen: FollowedVar<ReadonlyMap<string, { readonly text: string; readonly version: string }>>;

  constructor(store: DocumentStore) {
    this.store = store;
    this.seen = new FollowedVar(store.documents);
  }

  get documents(): ReadonlyMap<string, { readonly text: string; readonly version: string }> | undefined {
    const { state } = this.seen;
    return state.tag === "ok" ? state.value : undefined;
  }

  text(name: string): string | undefined {
    return this.documents?.get(name)?.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.seen[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** `make` resolves with nothing where its server is missing, which it has told the test. */
export function storeContract(
  name: string,
  make: () => Promise<StoreFixture>,
  isSkipped: string | false = false,
): void {
  const test = (title: string, body: (a: Seat, b: Seat, fixture: StoreFixture) => Promise<void>): void => {
    it(title, { timeout: 60_000, skip: isSkipped }, async () => {
      await using fixture = await make();
      await using a = new Seat(await fixture.open());
      await using b = new Seat(await fixture.open());
      await body(a, b, fixture);
    });
  };
  describe(`the store ${name}`, () => {
    test("has nothing at first, and says so", async (a) => {
      await eventually("an answer", () => a.documents?.size === 0);
    });

    test("shows a document that is written to everyone, whole, and soon", async (a, b) => {
      const text = `${"ünïcode \n ".repeat(5_000)}end`;
      await eventually("an answer", () => b.documents !== undefined);
      const version = await a.store.write("users", text, undefined);
      assert.ok(version !== undefined);
      await eventually("it is shown", () => a.text("users") === text && b.text("users") === text, WITHIN_MS);
      assert.equal(b.documents?.get("users")?.version, version);
    });

    test("writes over the version that is named, and over no other", async (a, b) => {
      const first = await a.store.write("users", "one", undefined);
      assert.ok(first !== undefined);
      assert.equal(await b.store.write("users", "other", undefined), undefined, "it is there already");
      const second = await b.store.write("users", "two", first);
      assert.ok(second !== undefined && second !== first);
      assert.equal(await a.store.write("users", "three", first), undefined, "it is another one by now");
      await eventually(
        "what was written is shown",
        () => a.text("users") === "two" && b.text("users") === "two",
        WITHIN_MS,
      );
      assert.equal(await a.store.write("carts", "one", second), undefined, "there is none to write over");
    });

    test("loses no change of two who write at the same time", async (a, b) => {
      await a.store.write("count", "0", undefined);
      await eventually("it is shown", () => a.text("count") === "0" && b.text("count") === "0", WITHIN_MS);
      const increment = async (seat: Seat, times: number): Promise<void> => {
        for (let done = 0; done < times;) {
          const { text = "", version } = seat.documents?.get("count") ?? {};
          const written = await seat.store.write("count", String(Number(text) + 1), version);
          if (written !== undefined) done++;
          await eventually(
            "another version is shown",
            () => seat.documents?.get("count")?.version !== version,
            WITHIN_MS,
          );
        }
      };
      await Promise.all([increment(a, 5), increment(b, 5)]);
      await eventually("every change counts", () => a.text("count") === "10", WITHIN_MS);
    });

    test("keeps what it has shown while it cannot be asked, refuses to write, and goes on afterwards", async (a, _, {
      outage,
    }) => {
      const version = await a.store.write("users", "one", undefined);
      await eventually("it is shown", () => a.text("users") === "one", WITHIN_MS);
      if (outage === undefined) return;
      await outage.down();
      await eventually("it is stale", () => a.seen.state.tag === "ok" && a.seen.state.stale !== undefined, 20_000);
      assert.equal(a.text("users"), "one");
      const late = new Promise(
        (_resolve, reject) => void setTimeout(() => reject(new Error("no answer")), 8_000).unref(),
      );
      await assert.rejects(Promise.race([a.store.write("users", "two", version), late]));
      await outage.up();
      await eventually("it is well", () => a.seen.state.tag === "ok" && a.seen.state.stale === undefined, 20_000);
    });
  });
}
