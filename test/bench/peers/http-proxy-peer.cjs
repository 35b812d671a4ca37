// The npm package http-proxy as a bare proxy: the baseline that Node users know.
// Arguments: port, backend's port, and for TLS the files of a certificate and its key.
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const httpProxy = require("http-proxy");
const [port, backend] = process.argv.slice(2, 4).map(Number);
const [certPath, keyPath] = process.argv.slice(4);
const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${backend}`, agent });
proxy.on("error", (_error, _request, to) => to.destroy());
const serve = (request, response) => proxy.web(request, response);
const files = certPath && { cert: fs.readFileSync(certPath), key: fs.readFileSync(keyPath) };
const server = files ? https.createServer(files, serve) : http.createServer(serve);
server.keepAliveTimeout = 600_000;
server.on("upgrade", (request, socket, head) => proxy.ws(request, socket, head));
server.listen(port, "127.0.0.1");
