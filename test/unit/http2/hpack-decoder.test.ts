/** Tests of the reading of header blocks: the examples of RFC 7541 appendix C, and everything that is an error. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BAD_NAME, BAD_VALUE, NEVER } from "../../../src/http2/field-kind.ts";
import { HpackDecoder } from "../../../src/http2/hpack-decoder.ts";
import { decoded, hex, huffman, huffmanCodes, bitsToBytes } from "../../fakes/header-blocks.ts";

const LARGE = 65_536;
const decoder = (): HpackDecoder => new HpackDecoder(4096, LARGE);
const one = (text: string): string[] | string => decoded(decoder(), hex(text));

/** What the dynamic table has, the newest first. */
function table(of: HpackDecoder): string[] {
  const lines: string[] = [];
  for (let index = 62; index < 127; index++) {
    const line = decoded(of, Buffer.of(0x80 | index));
    if (line === "compression") break;
    lines.push(...line);
  }
  return lines;
}

/** A decoder, and whether `blocks` are read as `lists`, with that table behind each. */
function reads(of: HpackDecoder, steps: readonly (readonly [block: string, list: string[], table: string[]])[]): void {
  for (const [block, list, entries] of steps) {
    assert.deepEqual(decoded(of, hex(block)), list);
    assert.deepEqual(table(of), entries);
  }
}

const GET = ":method: GET";
const EXAMPLE = ":authority: www.example.com";

describe("the examples of RFC 7541 appendix C", () => {
  it("C.1: reads integers", () => {
    // 10 and 1337 with a prefix of five bits are sizes of the table, 42 is an index with seven.
    assert.deepEqual(one("2a"), []);
    assert.deepEqual(one("3f9a0a"), []);
    assert.equal(decoded(new HpackDecoder(1337, LARGE), hex("3f9a0a82")).toString(), GET);
    assert.deepEqual(one("aa"), ["if-range: "]);
  });

  it("C.2: reads each form of a field", () => {
    const kept = "custom-key: custom-header";
    reads(decoder(), [["400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", [kept], [kept]]]);
    reads(decoder(), [["040c 2f73 616d 706c 652f 7061 7468", [":path: /sample/path"], []]]);
    reads(decoder(), [["1008 7061 7373 776f 7264 0673 6563 7265 74", ["password: secret"], []]]);
    reads(decoder(), [["82", [GET], []]]);
  });

  const requests = [
    [[GET, ":scheme: http", ":path: /", EXAMPLE], [EXAMPLE]],
    [
      [GET, ":scheme: http", ":path: /", EXAMPLE, "cache-control: no-cache"],
      ["cache-control: no-cache", EXAMPLE],
    ],
    [
      [GET, ":scheme: https", ":path: /index.html", EXAMPLE, "custom-key: custom-value"],
      ["custom-key: custom-value", "cache-control: no-cache", EXAMPLE],
    ],
  ] as const;
  const withLists = (
    blocks: readonly string[],
    lists: readonly (readonly [readonly string[], readonly string[]])[],
  ): [string, string[], string[]][] =>
    blocks.map((block, at) => [block, [...(lists[at]?.[0] ?? [])], [...(lists[at]?.[1] ?? [])]]);

  it("C.3: reads requests without Huffman's code", () => {
    const blocks = [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    reads(decoder(), withLists(blocks, requests));
  });

  it("C.4: reads requests in Huffman's code", () => {
    const blocks = [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    reads(decoder(), withLists(blocks, requests));
  });

  const date = (second: number): string => `date: Mon, 21 Oct 2013 20:13:${second} GMT`;
  const location = "location: https://www.example.com";
  const control = "cache-control: private";
  const cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
  const gzip = "content-encoding: gzip";
  const responses = [
    [
      [":status: 302", control, date(21), location],
      [location, date(21), control, ":status: 302"],
    ],
    [
      [":status: 307", control, date(21), location],
      [":status: 307", location, date(21), control],
    ],
    [
      [":status: 200", control, date(22), location, gzip, cookie],
      [cookie, gzip, date(22)],
    ],
  ] as const;
  /** The examples have a table of 256 bytes, which the first block says. */
  const SMALL = "3fe101";
  const small = (): HpackDecoder => {
    const of = new HpackDecoder(256, LARGE);
    of.acknowledged();
    return of;
  };

  it("C.5: reads responses without Huffman's code, and evicts", () => {
    const blocks = [
      `${SMALL} 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 ` +
        "3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "4803 3330 37c1 c0bf",
      "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f " +
        "6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b " +
        "2076 6572 7369 6f6e 3d31",
    ];
    reads(small(), withLists(blocks, responses));
  });

  it("C.6: reads responses in Huffman's code, and evicts", () => {
    const blocks = [
      `${SMALL} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad ` +
        "1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
      "4883 640e ffc1 c0bf",
      "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 " +
        "dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ];
    reads(small(), withLists(blocks, responses));
  });
});

describe("a header block", () => {
  it("may be empty", () => {
    assert.deepEqual(one(""), []);
  });

  it("has no index 0, and none behind the table", () => {
    for (const block of ["80", "be", "ff00", "7f0000", "0f2f00", "ff8001"])
      assert.equal(one(block), "compression", block);
    assert.deepEqual(one("bd"), ["www-authenticate: "]);
  });

  it("is an error where it ends within a field", () => {
    const whole = hex("4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf");
    for (let length = 1; length < whole.length; length++) {
      assert.equal(decoded(decoder(), whole.subarray(0, length)), "compression", String(length));
    }
    for (const block of ["ff", "7f", "1f", "0f", "3f", "3fff", "40", "00", "0082", "0001", "000161"])
      assert.equal(one(block), "compression", block);
  });

  it("is an error where an integer is longer or larger than any that is meant", () => {
    assert.equal(one("ff80808080808000"), "compression");
    assert.equal(one("ff8080808001"), "compression");
    assert.equal(one("7fffffffffffffffffffff01"), "compression");
    assert.equal(one("007fffffff7f"), "compression");
    assert.equal(one("0001617fffffffff7f"), "compression");
    // Zeros behind it change no number, and up to four bytes of them are let pass.
    assert.deepEqual(decoded(decoder(), Buffer.concat([hex("0001617f 80808000"), Buffer.alloc(127, "v")])), [
      `a: ${"v".repeat(127)}`,
    ]);
  });

  it("is an error where Huffman's code is broken", () => {
    const field = (code: Buffer): Buffer => Buffer.concat([hex("000161"), Buffer.of(0x80 | code.length), code]);
    assert.deepEqual(decoded(decoder(), field(huffman("x"))), ["a: x"]);
    assert.equal(decoded(decoder(), field(hex("ff"))), "compression");
    assert.equal(decoded(decoder(), field(hex("00"))).toString(), "compression");
    assert.equal(decoded(decoder(), field(bitsToBytes(`${huffmanCodes[256]}`))), "compression");
    const name = Buffer.concat([hex("0081"), hex("ff"), hex("00")]);
    assert.equal(decoded(decoder(), name), "compression");
  });

  it("may set the table's size at its beginning, twice at most, and up to what was advertised", () => {
    assert.deepEqual(one("20 82"), [GET]);
    assert.deepEqual(one("20 3fe11f 82"), [GET]);
    assert.equal(one("20 20 20 82"), "compression");
    assert.equal(one("82 20"), "compression");
    assert.equal(one("3fe21f"), "compression");
    assert.deepEqual(decoded(new HpackDecoder(8192, LARGE), hex("3fe13f 82")), [GET]);
    assert.equal(decoded(new HpackDecoder(8192, LARGE), hex("3fe23f 82")), "compression");
  });

  it("must make the table smaller once the peer has acknowledged a smaller one", () => {
    const of = new HpackDecoder(100, LARGE);
    assert.deepEqual(decoded(of, hex("3fe11f 82")), [GET], "the initial size stands until then");
    of.acknowledged();
    assert.equal(decoded(of, hex("82")), "compression");
    assert.equal(decoded(of, hex("3f46 82")), "compression", "101");
    assert.deepEqual(decoded(of, hex("3f45 82")), [GET], "100");
    assert.deepEqual(decoded(of, hex("82")), [GET]);
    const same = decoder();
    same.acknowledged();
    assert.deepEqual(decoded(same, hex("82")), [GET]);
  });

  it("loses entries by an update of the size, and gets them back by none", () => {
    const of = decoder();
    assert.deepEqual(decoded(of, hex("4001610131 4001620132")), ["a: 1", "b: 2"]);
    assert.deepEqual(decoded(of, hex("3f05 be")), ["b: 2"], "36 bytes hold one of 34");
    assert.equal(decoded(of, hex("bf")), "compression");
    assert.deepEqual(decoded(of, hex("3fe11f be")), ["b: 2"]);
    assert.equal(decoded(of, hex("bf")), "compression");
  });

  it("may name a field by an entry that it evicts itself", () => {
    const of = decoder();
    assert.deepEqual(decoded(of, hex("3f05 4001610131 7e0132")), ["a: 1", "a: 2"]);
    assert.deepEqual(decoded(of, hex("be")), ["a: 2"]);
    assert.equal(decoded(of, hex("bf")), "compression");
  });
});

describe("a header list", () => {
  const fields = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => hex("0001610131")));

  it("may have as many bytes as the bound, each field counted with 32 more", () => {
    const of = new HpackDecoder(4096, 340);
    assert.equal(decoded(of, fields(10)).length, 10);
    assert.equal(decoded(of, fields(11)), "too-large");
  });

  it("that is too large is given up to the bound, and the table stays in step", () => {
    const of = new HpackDecoder(4096, 40);
    const given: string[] = [];
    const block = hex("4001610131 4001620132 4001630133");
    assert.equal(of.decode(block, 0, block.length, { field: (name) => given.push(name) }), "too-large");
    assert.deepEqual(given, ["a"]);
    assert.deepEqual([decoded(of, hex("be")), decoded(of, hex("c0"))], [["c: 3"], ["a: 1"]]);
  });

  it("that is too large and broken is an error", () => {
    assert.equal(decoded(new HpackDecoder(4096, 40), Buffer.concat([fields(5), hex("80")])), "compression");
  });
});

describe("what is said of a field", () => {
  const kinds = (of: HpackDecoder, text: string): number[] => {
    const block = hex(text);
    const out: number[] = [];
    of.decode(block, 0, block.length, { field: (_name, _value, kind) => out.push(kind) });
    return out;
  };

  it("is that it may enter no table, where it came so", () => {
    const [secret, open] = kinds(decoder(), "1001610131 0001610131");
    assert.equal(secret, NEVER);
    assert.equal(open, 0);
  });

  it("is that its name or value may not stand, each time that it comes", () => {
    const of = decoder();
    assert.deepEqual(kinds(of, "4001410131 4001610100 4001610120"), [BAD_NAME, BAD_VALUE, BAD_VALUE]);
    assert.deepEqual(kinds(of, "be bf c0"), [BAD_VALUE, BAD_VALUE, BAD_NAME]);
    assert.deepEqual(kinds(of, "7e 0131"), [0], "the value of an entry says nothing of the next one with its name");
  });
});
