/** Which folder may import which; ARCHITECTURE.md says why. A folder may always import itself. */
exports.may = {
  "src/base": [],
  "src/naming": ["src/base"],
  "src/http": ["src/base"],
  "src/net": ["src/base"],
  "src/http1": ["src/base", "src/http", "src/net"],
  "src/http2": ["src/base", "src/http", "src/net"],
  "src/tcp": ["src/base", "src/http", "src/net"],
  "src/cluster": ["src/base", "src/http"],
  "src/router": ["src/base", "src/naming", "src/http", "src/cluster"],
  "src/takeover": ["src/base"],
  "src/outbound": ["src/base"],
  "src/threads": ["src/base", "src/naming"],
  "src/config": ["src/base", "src/naming", "src/http", "src/cluster", "src/router"],
  "src/admin": ["src/base", "src/naming", "src/http", "src/cluster", "src/router", "src/config"],
  "src/plugins": ["src/plugin.ts"],
  namers: ["src/plugin.ts"],
  "src/testing": ["src/base", "src/outbound", "src/plugin.ts"],
  "src/cli": ["src/base", "src/naming", "src/config"],
};

exports.HTTP_PROTOCOL_FOLDERS = [
  "base",
  "naming",
  "http",
  "net",
  "http1",
  "http2",
  "tcp",
  "cluster",
  "router",
  "threads",
];
