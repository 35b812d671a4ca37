import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ClientHelloReader, HELLO_BYTES } from "../../../src/tcp/client-hello.ts";
import { extension, helloMessage, inRecords, realHello, serverName, vector } from "../../fakes/client-hello.ts";

function read(...chunks: readonly Uint8Array[]): string {
  const reader = new ClientHelloReader();
  for (const chunk of chunks) reader.read(chunk);
  return reader.state === "named" ? reader.serverName : reader.state;
}

/** `bytes` cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const named = helloMessage({ extensions: [extension(10, Buffer.from([0, 2, 0, 29])), serverName("Shop.Example")] });

describe("the server's name in a hello that Node's TLS sends", () => {
  it("is read, in lower case, with TLS 1.2 and 1.3", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const hello = await realHello({ servername: "Users.Internal", minVersion: version, maxVersion: version });
      assert.equal(read(hello), "users.internal");
    }
  });

  it("is missing where none was given", async () => {
    assert.equal(read(await realHello({ host: "127.0.0.1" })), "nameless");
  });

  it("does not depend on ALPN, or on what follows the hello", async () => {
    const hello = await realHello({ servername: "users", ALPNProtocols: ["h2", "http/1.1"] });
    assert.equal(read(Buffer.concat([hello, Buffer.from([20, 3, 3, 0, 1, 1])])), "users");
  });
});

describe("a hello", () => {
  it("may be cut anywhere, in records and in chunks", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(named, helloMessage({}), helloMessage({ after: Buffer.from([1]) }), Buffer.alloc(90, 1)),
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (message, recordBytes, places) => {
          const bytes = inRecords(message, recordBytes);
          assert.equal(read(...cut(bytes, places)), read(bytes));
          assert.equal(read(bytes), read(inRecords(message)));
        },
      ),
    );
  });

  it("is pending until its last byte", () => {
    const bytes = inRecords(named, 20);
    for (let length = 0; length < bytes.length; length++) assert.equal(read(bytes.subarray(0, length)), "pending");
    assert.equal(read(bytes), "shop.example");
  });

  it("may end before its extensions, as TLS 1.2 allows", () => {
    assert.equal(read(inRecords(helloMessage({ extensions: undefined }))), "nameless");
    assert.equal(read(inRecords(helloMessage({ extensions: [] }))), "nameless");
  });

  const broken: readonly (readonly [string, Buffer])[] = [
    ["bytes after its extensions", helloMessage({ extensions: [serverName("a")], after: Buffer.from([0]) })],
    ["a session id of 33 bytes", helloMessage({ session: Buffer.alloc(33) })],
    ["no cipher suite", helloMessage({ suites: Buffer.alloc(0) })],
    ["half a cipher suite", helloMessage({ suites: Buffer.alloc(3) })],
    ["no compression method", helloMessage({ compression: Buffer.alloc(0) })],
    ["an extension twice", helloMessage({ extensions: [serverName("a"), serverName("a")] })],
    ["an extension longer than the rest", helloMessage({ extensions: [Buffer.from([0, 10, 0, 9, 1])] })],
    ["two names", helloMessage({ extensions: [serverName("a", "b")] })],
    ["an empty name", helloMessage({ extensions: [serverName("")] })],
    ["an empty list of names", helloMessage({ extensions: [extension(0, Buffer.from([0, 0]))] })],
    ["nothing where a name belongs", helloMessage({ extensions: [extension(0, Buffer.alloc(0))] })],
    ["a NUL in the name", helloMessage({ extensions: [serverName("a\0b")] })],
    ["a slash in the name", helloMessage({ extensions: [serverName("a/b")] })],
    ["letters beyond ASCII in the name", helloMessage({ extensions: [serverName("b\xfcro")] })],
    ["a dot at the name's end", helloMessage({ extensions: [serverName("users.")] })],
    ["a name of 256 bytes", helloMessage({ extensions: [serverName("a".repeat(256))] })],
    [
      "a name of a type that there is not",
      helloMessage({ extensions: [extension(0, Buffer.from([0, 4, 1, 0, 1, 97]))] }),
    ],
    [
      "bytes after the list of names",
      helloMessage({ extensions: [extension(0, Buffer.from([0, 4, 0, 0, 1, 97, 0]))] }),
    ],
    ["another message's type", Buffer.concat([Buffer.from([2]), vector(3, Buffer.alloc(40))])],
    ["no content", Buffer.from([1, 0, 0, 0])],
  ];
  for (const [what, message] of broken) {
    it(`with ${what} is malformed`, () => assert.equal(read(inRecords(message, 7)), "malformed"));
  }

  it("in records that TLS does not have is malformed", () => {
    const good = inRecords(named);
    const other = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    };
    assert.equal(read(other(0, 23)), "malformed");
    assert.equal(read(other(0, 0x80)), "malformed");
    assert.equal(read(other(1, 2)), "malformed");
    assert.equal(read(Buffer.from([22, 3, 1, 0, 0])), "malformed");
    assert.equal(read(Buffer.from([22, 3, 1, 0x40, 1])), "malformed");
    assert.equal(read(Buffer.from("GET / HTTP/1.1\r\n\r\n")), "malformed");
  });

  it("that says, or turns out, to be larger than 16 KiB is too large", () => {
    assert.equal(read(Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x40, 0])), "too_large");
    const padded = (bytes: number) =>
      helloMessage({ extensions: [extension(21, Buffer.alloc(bytes)), serverName("a")] });
    assert.equal(read(inRecords(padded(HELLO_BYTES - 200))), "a");
    assert.equal(read(inRecords(padded(HELLO_BYTES - 200), 100)), "too_large");
    assert.equal(read(inRecords(padded(HELLO_BYTES))), "too_large");
  });

  it("of any bytes ends in some state, the same however they were cut", () => {
    const likely = fc.tuple(fc.constant([22, 3, 1, 0, 80, 1, 0, 0, 76]), fc.array(fc.nat(255), { maxLength: 200 }));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      likely.map((parts) => Uint8Array.from(parts.flat())),
      fc.tuple(fc.nat(named.length - 1), fc.nat(255)).map(([at, value]) => {
        const bytes = inRecords(named);
        bytes[at + 5] = value;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(any, fc.array(fc.nat(), { maxLength: 10 }), (bytes, places) => {
        assert.equal(read(...(bytes.length === 0 ? [bytes] : cut(bytes, places))), read(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});
