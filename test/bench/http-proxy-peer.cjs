// The npm package http-proxy as a bare proxy: the baseline that Node users know.
const http = require("node:http");
const httpProxy = require("http-proxy");
const [port, backend] = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${backend}`, agent });
http.createServer((request, response) => proxy.web(request, response)).listen(port, "127.0.0.1");
