/** Tests of the gathering of what leaves. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutBuffer } from "../../../src/http1/out-buffer.ts";

class Owner {
  readonly writes: Uint8Array[] = [];
  accepts = true;
  isLate = false;
  emit(bytes: Uint8Array): boolean {
    // Where the bytes have left, their memory is used again.
    this.writes.push(this.accepts ? Buffer.from(bytes) : bytes);
    return this.accepts;
  }
  get text(): string {
    return Buffer.concat(this.writes).toString("latin1");
  }
}

describe("the out buffer", () => {
  it("sends head and body in one write", () => {
    const out = new OutBuffer();
    const owner = new Owner();
    out.text(owner, "head ");
    out.bytes(owner, Buffer.from("body"));
    assert.equal(owner.writes.length, 0);
    out.flush(owner);
    out.flush(owner);
    assert.equal(owner.writes.length, 1);
    assert.equal(owner.text, "head body");
  });

  it("sends what one owner has gathered before another's", () => {
    const out = new OutBuffer();
    const [first, second] = [new Owner(), new Owner()];
    out.text(first, "one");
    out.text(second, "two");
    assert.equal(first.text, "one");
    out.flush(first);
    assert.equal(second.text, "");
    out.flush(second);
    assert.equal(second.text, "two");
  });

  it("leaves bytes alone that are still on their way", () => {
    const out = new OutBuffer();
    const owner = new Owner();
    owner.accepts = false;
    out.text(owner, "one");
    out.flush(owner);
    out.text(owner, "two");
    out.flush(owner);
    assert.equal(owner.text, "onetwo");
  });

  it("copies for an owner whose bytes leave late, and keeps its memory", () => {
    const out = new OutBuffer();
    const [late, prompt] = [new Owner(), new Owner()];
    late.accepts = false;
    for (const text of ["one", "two", "six"]) {
      out.text(late, text);
      out.flush(late);
      out.text(prompt, text);
      out.flush(prompt);
    }
    assert.equal(late.text, "onetwosix");
    assert.equal(prompt.text, "onetwosix");
    const [first, second, third] = late.writes;
    assert.notEqual(first?.buffer, second?.buffer);
    assert.equal(second?.buffer.byteLength === first?.buffer.byteLength, false, "no memory of the whole size for it");
    assert.equal(third?.length, 3);
    late.accepts = true;
    out.text(late, "!");
    out.flush(late);
    assert.equal(late.isLate, false);
  });

  it("passes on what is larger than itself, in order", () => {
    const out = new OutBuffer();
    const owner = new Owner();
    const large = "x".repeat(200_000);
    out.text(owner, "a");
    out.text(owner, large);
    out.bytes(owner, Buffer.from("b"));
    out.bytes(owner, Buffer.from(large));
    out.flush(owner);
    assert.equal(owner.text === `a${large}b${large}`, true);
  });

  it("forgets what shall not leave", () => {
    const out = new OutBuffer();
    const [first, second] = [new Owner(), new Owner()];
    out.text(first, "one");
    out.discard(second);
    out.discard(first);
    out.flush(first);
    assert.equal(first.text, "");
  });
});
