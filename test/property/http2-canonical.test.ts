/** The law of crossing: whatever a codec reads, HTTP/1 or HTTP/2, only canonical bytes leave by the other, and by itself. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Exchange } from "../../src/http/exchange.ts";
import { stripHopByHop, takesTrailers } from "../../src/http/hygiene.ts";
import { defaultHeadLimits } from "../../src/http1/limits.ts";
import { RequestHeadReader } from "../../src/http1/request-head.ts";
import { ResponseHeadReader } from "../../src/http1/response-head.ts";
import { hasNoBody } from "../../src/http/answer-body.ts";
import { requestHeadText, responseFraming, responseHeadText } from "../../src/http1/writer.ts";
import {
  fieldsBlockBound,
  interimBlock,
  requestBlock,
  requestBlockBound,
  responseBlock,
  responseBlockBound,
  trailersBlock,
} from "../../src/http2/blocks.ts";
import { HpackDecoder } from "../../src/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack-encoder.ts";
import { RequestFields } from "../../src/http2/request-fields.ts";
import { ResponseFields } from "../../src/http2/response-fields.ts";
import { TrailerFields } from "../../src/http2/trailer-fields.ts";
import { block, StrictDecoder } from "../fakes/h2-hpack.ts";
import { bodyOf, type Field, http2Exchange } from "../fakes/header-blocks.ts";
import { judgeRequest, judgeResponse, judgeTrailers } from "../fakes/strict-block.ts";
import { readRequests, readResponses } from "../fakes/strict-reader.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 9113);
const RUNS = 6000;

const evil = fc.constantFrom(
  "\0",
  "\r",
  "\n",
  "\r\n",
  " ",
  "\t",
  ":",
  "\u007f",
  "\u00ff",
  "A",
  "%",
  "#",
  ",",
  ";",
  "@",
  "/",
);
/** A text, sometimes with something in it that hardly ever may be there. */
const tainted = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 40, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc.tuple(text, evil, fc.nat({ max: 20 })).map(([of, bad, at]) => of.slice(0, at) + bad + of.slice(at)),
    },
  );
const fieldNames = tainted(
  fc.constantFrom(
    ..."accept user-agent x-a x-long-name cookie cookie set-cookie content-length content-type te via expect date".split(
      " ",
    ),
    ..."connection keep-alive transfer-encoding upgrade proxy-connection trailer host l5d-dtab authorization".split(
      " ",
    ),
    ..."sec-websocket-key grpc-timeout :status :path :protocol proxy-authorization http2-settings".split(" "),
  ),
);
const fieldValues = tainted(
  fc.oneof(
    fc.constantFrom(
      "",
      "0",
      "5",
      "5",
      "05",
      "trailers",
      "chunked",
      "close",
      "x-a, te",
      "h",
      "h:80",
      "websocket",
      "a=b",
      "100-continue",
    ),
    fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,30}$/),
  ),
);
const extra = fc.array(fc.tuple(fieldNames, fieldValues), { maxLength: 5 });
const methods = tainted(fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "CONNECT", "PURGE"));
const paths = tainted(
  fc.constantFrom("/", "/", "/", "/a/b?c=d&e", "*", "/%41%zz", "h:443", "/a[1]|{2}", "/?a%", "", "http://h/a"),
);
const authorities = tainted(
  fc.constantFrom("h", "h", "example.com:8080", "[::1]:80", "h:443", "a,b", "", ":80", "u@h"),
);
const statuses = tainted(fc.constantFrom("200", "204", "304", "404", "500", "100", "103", "101", "999"));
const bodies = fc.constantFrom(0, 5, -1);

/** A field now and then is missing, or comes twice. */
const head = (...fields: readonly (readonly [string, fc.Arbitrary<string>])[]): fc.Arbitrary<Field[]> =>
  fc
    .tuple(...fields.map(([name, values]) => fc.tuple(fc.constant(name), values, fc.integer({ min: 0, max: 30 }))))
    .map((all) =>
      all.flatMap(([name, value, chance]): Field[] => {
        if (chance === 0) return [];
        return chance === 1
          ? [
              [name, value],
              [name, value],
            ]
          : [[name, value]];
      }),
    );

/** Reads and judges what is written to a block; the decoder and the encoder are new each time. */
function written(bound: number, write: (encoder: HpackEncoder, out: Buffer) => number): Field[] {
  const out = Buffer.alloc(bound + 64);
  const end = write(new HpackEncoder(), out);
  assert.ok(end <= bound, `${end} bytes, and the bound is ${bound}`);
  return new StrictDecoder().decode(out.subarray(0, end));
}

/** As the filters do on each way. */
function clean(x: Exchange): void {
  x.takesTrailers = takesTrailers(x.request.headers);
  stripHopByHop(x.request.headers);
}

function judgeRequestBlock(x: Exchange): void {
  const fields = written(requestBlockBound(x), (encoder, out) => requestBlock(x, "https", encoder, out, 0));
  const pseudo = judgeRequest(fields);
  assert.equal(pseudo.get(":path") ?? pseudo.get(":authority"), x.request.target);
  assert.equal(
    fields.some(([name]) => name === "te"),
    x.takesTrailers,
  );
}

function judgeResponseBlock(x: Exchange): void {
  const fields = written(responseBlockBound(x), (encoder, out) => responseBlock(x, encoder, out, 0));
  assert.equal(judgeResponse(fields), x.response.status === 101 ? 200 : x.response.status);
}

const REST = (length: number): string => (length === 0 ? "" : length > 0 ? "b".repeat(length) : "0\r\n\r\n");

/** Counts how many of the cases were accepted, so that a law about none is seen. */
class Tally {
  accepted = 0;
  assertSome(): void {
    assert.ok(this.accepted > RUNS / 20, `only ${this.accepted} of ${RUNS} cases were accepted`);
  }
}

const check = <T>(arbitrary: fc.Arbitrary<T>, law: (value: T, tally: Tally) => void): void => {
  const tally = new Tally();
  fc.assert(
    fc.property(arbitrary, (value) => law(value, tally)),
    { seed: SEED, numRuns: RUNS },
  );
  tally.assertSome();
};

describe("a request that HTTP/2 brought", () => {
  const requests = fc.tuple(
    fc.tuple(
      head(
        [":method", methods],
        [":scheme", tainted(fc.constantFrom("http", "https"))],
        [":path", paths],
        [":authority", authorities],
      ),
      fc.oneof(
        { weight: 9, arbitrary: fc.constant<Field[]>([]) },
        { weight: 1, arbitrary: fc.constant<Field[]>([[":protocol", "websocket"]]) },
      ),
      extra,
    ),
    bodies,
  );
  const reader = new RequestFields();

  function read(fields: readonly Field[], body: number): Exchange | undefined {
    const bytes = block(...fields);
    const x = http2Exchange(body);
    reader.reset();
    assert.equal(new HpackDecoder(4096, 65_536).decode(bytes, 0, bytes.length, reader), undefined);
    if (reader.finish(x) !== undefined) return undefined;
    if (reader.contentLength >= 0) x.requestBody = bodyOf(reader.contentLength);
    return x;
  }

  it("leaves by HTTP/2 in canonical fields", () => {
    check(requests, ([parts, body], tally) => {
      const x = read(parts.flat(), body);
      if (x === undefined) return;
      tally.accepted++;
      clean(x);
      judgeRequestBlock(x);
    });
  });

  it("leaves by HTTP/1 in canonical bytes, as one request", () => {
    check(requests, ([parts, body], tally) => {
      const x = read(parts.flat(), body);
      // The reader of bytes knows no tunnels.
      if (x === undefined || x.request.method === "CONNECT" || x.upgrade !== "") return;
      tally.accepted++;
      clean(x);
      const { length } = x.requestBody;
      const [message, ...more] = readRequests(requestHeadText(x.request, length, "") + REST(length));
      assert.deepEqual(more, []);
      assert.equal(message?.line, `${x.request.method} ${x.request.target} HTTP/1.1`);
    });
  });
});

describe("a request that HTTP/1 brought", () => {
  it("leaves by HTTP/2 in canonical fields", () => {
    const requests = fc.tuple(methods, paths, head(["Host", authorities]), extra);
    check(requests, ([method, target, host, fields], tally) => {
      const lines = [...host, ...fields].map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, "latin1");
      const reader = new RequestHeadReader({ ...defaultHeadLimits, connect: true });
      const end = bytes.indexOf("\r\n\r\n");
      if (reader.read(bytes, 0, end) !== undefined) return;
      tally.accepted++;
      const x = http2Exchange(reader.length);
      Object.assign(x.request, { version: 11, method: reader.method, target: reader.target, headers: reader.headers });
      x.upgrade = reader.upgrade === "websocket" ? "websocket" : "";
      clean(x);
      judgeRequestBlock(x);
    });
  });
});

describe("an answer", () => {
  const answers = fc.tuple(fc.tuple(head([":status", statuses]), extra), bodies, fc.constantFrom("GET", "HEAD"));
  const reader = new ResponseFields();

  function read(fields: readonly Field[], body: number, method: string): Exchange | undefined {
    const bytes = block(...fields);
    const x = http2Exchange();
    x.request.method = method;
    reader.reset();
    assert.equal(new HpackDecoder(4096, 65_536).decode(bytes, 0, bytes.length, reader), undefined);
    if (reader.finish(x) !== undefined) return undefined;
    const isBodyless = hasNoBody(method, x.response.status);
    x.responseBody = bodyOf(isBodyless ? 0 : reader.contentLength >= 0 ? reader.contentLength : body);
    stripHopByHop(reader.status < 200 ? reader.headers : x.response.headers);
    return x;
  }

  it("that HTTP/2 brought leaves by HTTP/2 in canonical fields", () => {
    check(answers, ([parts, body, method], tally) => {
      const x = read(parts.flat(), body, method);
      if (x === undefined) return;
      tally.accepted++;
      if (reader.status >= 200) return judgeResponseBlock(x);
      const { headers, status } = reader;
      const fields = written(fieldsBlockBound(headers), (encoder, out) =>
        interimBlock(status, headers, encoder, out, 0),
      );
      assert.equal(judgeResponse(fields), status);
    });
  });

  it("that HTTP/2 brought leaves by HTTP/1 in canonical bytes, as one answer", () => {
    check(answers, ([parts, body, method], tally) => {
      const x = read(parts.flat(), body, method);
      if (x === undefined || reader.status < 200) return;
      tally.accepted++;
      const { length } = x.responseBody;
      const framing = responseFraming(length, 11, hasNoBody(method, x.response.status));
      const text = responseHeadText(x.response, framing, length, "") + (framing === "none" ? "" : REST(length));
      const [message, ...more] = readResponses(text, [method], false);
      assert.deepEqual(more, []);
      assert.match(message?.line ?? "", new RegExp(`^HTTP/1.1 ${x.response.status} `));
    });
  });

  it("that HTTP/1 brought leaves by HTTP/2 in canonical fields", () => {
    const reasons = fc.constantFrom("OK", "", "a\tb");
    check(
      fc.tuple(statuses, reasons, extra, fc.constantFrom("GET", "HEAD")),
      ([status, reason, fields, method], tally) => {
        const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
        const bytes = Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`, "latin1");
        const head1 = new ResponseHeadReader(defaultHeadLimits);
        head1.begin(method);
        if (typeof head1.next(bytes, 0) === "string" || head1.status < 200) return;
        tally.accepted++;
        const x = http2Exchange();
        x.request.method = method;
        Object.assign(x.response, { version: 11, status: head1.status, reason: head1.reason, headers: head1.headers });
        x.responseBody = bodyOf(Math.max(head1.length, -1));
        stripHopByHop(x.response.headers);
        judgeResponseBlock(x);
      },
    );
  });

  it("has trailers of canonical fields only", () => {
    const trailers = new TrailerFields();
    check(extra, (fields, tally) => {
      const bytes = block(...fields);
      trailers.reset();
      assert.equal(new HpackDecoder(4096, 65_536).decode(bytes, 0, bytes.length, trailers), undefined);
      if (trailers.finish() !== undefined) return;
      tally.accepted++;
      const { trailers: list } = trailers;
      judgeTrailers(written(fieldsBlockBound(list), (encoder, out) => trailersBlock(list, encoder, out, 0)));
    });
  });
});
