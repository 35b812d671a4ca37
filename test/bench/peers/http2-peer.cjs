// A bare proxy on node:http2: streams piped to a few sessions with one backend, trailers and all.
// Arguments: port, backend's port, and for TLS the files of a certificate and its key.
const fs = require("node:fs");
const http2 = require("node:http2");
const [port, backend] = process.argv.slice(2, 4).map(Number);
const [certPath, keyPath] = process.argv.slice(4);
const sessions = Array.from({ length: 4 }, () => http2.connect(`http://127.0.0.1:${backend}`));
for (const session of sessions) session.on("error", () => process.exit(1));
let turn = 0;

function serve(caller, headers, flags) {
  const endStream = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
  const call = sessions[turn++ % sessions.length].request(headers, { endStream });
  let trailers;
  caller.on("error", () => call.close(http2.constants.NGHTTP2_CANCEL));
  call.on("error", () => caller.close(http2.constants.NGHTTP2_CANCEL));
  call.on("trailers", (fields) => (trailers = fields));
  call.on("response", (answer) => {
    if (caller.destroyed) return call.close(http2.constants.NGHTTP2_CANCEL);
    caller.respond(answer, { waitForTrailers: true });
    // None at all are an empty frame that ends the stream; closing it here would break it off.
    caller.on("wantTrailers", () => (caller.destroyed ? undefined : caller.sendTrailers(trailers ?? {})));
    call.pipe(caller);
  });
  if (!endStream) caller.pipe(call);
}

const files = certPath && { cert: fs.readFileSync(certPath), key: fs.readFileSync(keyPath) };
const server = files ? http2.createSecureServer(files) : http2.createServer();
server.on("stream", serve).listen(port, "127.0.0.1");
