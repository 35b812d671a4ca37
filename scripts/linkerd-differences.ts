/** Where Linkspan does another thing than Linkerd 1.7.5 did when it was recorded, and why: docs/compat.md is made of this. */

const lost = "repeated fields and the crumbs of a cookie are not lost";
const malformed = "malformed: refused, as RFC 9113 8.1.1 and 8.3.1 demand";
const answered = "a failure of the router is an answer with a status and a code, not a reset";
const tried = "the instance did not work on it, so it is asked again; then 503 with a code";
const unheard = "a safe request whose connection ended unheard is asked again (RFC 9110 9.2.2); then 502 with a code";
const bounded = "at most three attempts more than the first";

/** By the name of a record in test/vectors/linkerd/h2.jsonl. */
export const h2Differences: Readonly<Record<string, string>> = {
  "headers-order-multi": lost,
  "uppercase-name": "the stream alone is refused, and the connection stays",
  "post-content-length-wrong": malformed,
  "no-authority-host": "Host serves where :authority is not given (RFC 9113 8.3.1)",
  "authority-and-host-differ": malformed,
  "authority-uppercase": answered,
  "authority-with-port": answered,
  "no-path": malformed,
  "path-odd": malformed,
  "path-no-slash": malformed,
  "scheme-https": "the scheme is that of the connection to the instance",
  connect: "CONNECT is refused unless a server says `connect: true`",
  "header-9k": "431 says why in `l5d-err`",
  "l5d-client-headers": "a caller's `l5d-err` and `l5d-dst-residual` are dropped",
  "unknown-authority-head": "the answer to HEAD has no body",
  "resp-503retry": "an instance that says `l5d-retryable` is believed over HTTP/2 too",
  "resp-hop": answered,
  "resp-refused": tried,
  "resp-internal": answered,
  "resp-cancel": answered,
  "resp-goaway": tried,
  "resp-close": unheard,
  "resp-100": "interim answers pass, and the final one follows",
  "resp-bighdr": answered,
  "resp-clbad": "an answer shorter than its length is reset, not passed on as if it were whole",
  head: "the answer to HEAD has no body",
  "retry-500": bounded,
  "grpc14-classified": bounded,
  "grpc-unknown-authority": "gRPC callers get a gRPC status",
};

/** For one reason, several records. */
const httpByReason: Readonly<Record<string, string>> = {
  "a request without a Host, or with a bad one, is 400, and the connection closes":
    "http11-nohost host-two-same host-two-different host-with-slash host-with-space host-utf8 mh-http11-nohost",
  "a namer that cannot be asked is 503, not 502":
    "host-with-port host-trailing-dot host-with-star host-ipv6 unknown-host-post unknown-host-http10 unknown-host-head unknown-host-keepalive neg bad-inet unknown-namer path-percent",
  "a target in absolute form goes on in origin form, and its host counts (RFC 9112 3.2.2)":
    "absolute-form path-absolute-form",
  "CONNECT is refused unless a server says `connect: true`": "connect",
  "a WebSocket is a tunnel; a 101 that does not fit its handshake is 502": "upgrade-websocket-101 websocket-full-close",
  "HTTP/2 is spoken with whoever begins it, or asks for it by Upgrade": "upgrade-h2c h2-preface",
  "repeated fields are not lost": "via-two-headers",
  "a caller's `l5d-err`, `l5d-success-class` and `l5d-dst-residual` are dropped": "l5d-client-headers",
  "a garbled deadline is not passed on": "ctx-deadline-garbage",
  "bodies stream: an instance sees the beginning of one that breaks off": "post-cl-short-then-close",
  "malformed: 400 with a code and a close, as RFC 9112 demands or allows":
    "post-te-gzip-chunked post-te-two-headers cl-te-both te-cl-both cl-negative cl-plus cl-hex chunk-size-bad chunk-size-lf chunk-size-0x header-leading-space-first header-obs-fold line-endings-lf two-spaces uri-odd uri-fragment uri-no-slash uri-question-only tls-hello path-consume-double-slash",
  "refused as there, with a sentence in `l5d-err`":
    "post-te-xchunked post-te-space-colon post-te-vt dup-cl-same dup-cl-different header-9k header-100k header-no-colon header-space-before-colon header-name-empty header-name-nonascii garbage-line one-word-line http09 uri-utf8",
  "`Expect: 100-continue` is forwarded, and answered by the instance": "expect-100 expect-100-nowait",
  "a head has a limit of fields, beside that of bytes": "headers-200-small",
  "versions other than 1.0, 1.1 and 2 are 505": "version-12",
  "the connection stays open where the answer has no body": "head-chunked head-resp-close",
  "no length is made up": "resp-304",
  "bodies stream, and nothing is collected first":
    "resp-h10close nostream-chunked-req nostream-chunked-resp nostream-trailers-resp nostream-20k-chunked-req",
  "fields of one connection are always dropped": "resp-hop",
  "interim answers pass, and the final one follows": "resp-100",
  "an answer with Content-Length and Transfer-Encoding is 502": "resp-clte",
  "an answer that breaks off is cut visibly": "resp-halfcl",
  "at most three attempts more than the first":
    "resp-503retry post-resp-503retry retryall-500-post retryall-503ra accrual-open-then-good timeout-retry-500-get retry-500-get retry-503retry-post",
  "an instance that nacks until requeues are used up: 503 with a code, not 502": "resp-503nack",
  "a status above 599 counts as 5xx (RFC 9110 15)": "resp-999",
  "callers of HTTP/1.0 get no chunks": "resp-chunked-to-http10 resp-h11close-to-http10",
  "a branch of a union without an open instance is not drawn": "short-weighted-dead-live-1 short-weighted-dead-live-2",
  "text is not compressed": "accept-encoding-passthrough",
};

/** By the name of a record in test/vectors/linkerd/http.jsonl. */
export const httpDifferences: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(httpByReason).flatMap(([why, names]) => names.split(" ").map((name) => [name, why])),
);

const tooDeep = "a name that loops is explained, its end an `exception`; there it was 500 without a word";

/** By what was asked in test/vectors/linkerd/names.jsonl. */
export const nameDifferences: Readonly<Record<string, string>> = {
  "/* => /#/io.l5d.fs, /one": tooDeep,
  "/svc => /svc, /svc/one": tooDeep,
  "/a => /a/a, /a/x": tooDeep,
  "/svc => /$/inet/127.0.0.1/99999, /svc": "a port that is none is an `exception`, not addresses that failed",
  "/svc => 1.5.2 * /x & /y, /svc": "the sentence says which sign is missing",
  'POST {"namespace":"int","dtab":"/svc=>/#/io.l5d.fs","path":"/svc/one"} as application/json; charset=utf-8':
    "a body that says its charset is JSON too",
};
