/** Mistakes as people make them: one change in a file of the corpus that is right, and what must be said of it, and where. */
import { corpusFiles } from "./corpus-file.ts";

export interface Mistake {
  readonly name: string;
  readonly text: string;
  /** The line that every error must be at. */
  readonly line: number;
  /** Of each error. */
  readonly code: string;
}

/** What is written, what is written instead, the code; and where that is not the line, a text of the line it is in. */
type Change = readonly [from: string, to: string, code: string, at?: string];

const changes: Readonly<Record<string, readonly Change[]>> = {
  "typical-two-routers": [
    ["admin:\n", "admni:\n", "key.unknown"],
    ["routers:\n", "Routers:\n", "key.unknown"],
    ["namers:\n", "namers\n", "yaml.syntax"],
    ["  orgId: linkerd-examples", "\torgId: linkerd-examples", "yaml.syntax"],
    ["  label: out", "  label:\tout", "yaml.syntax"],
    ["  label: out", "   label: out", "yaml.syntax"],
    ["  label: out", " label: out", "yaml.syntax"],
    ["  label: out", "  label: out\n  label: again", "yaml.duplicate-key", "again"],
    ["  label: out", "  label: *out", "yaml.alias"],
    ["  label: out", "  <<: {label: out}", "yaml.alias"],
    ["  label: out", "  label: [out]", "value.type"],
    ["  label: out", '  label: "out', "yaml.syntax"],
    ["  label: out", "  label: 'out", "yaml.syntax"],
    ["  label: out", "  label: @out", "yaml.syntax"],
    ["  label: out", "  label: %out", "yaml.syntax"],
    ["  label: out", "  label: in: out", "yaml.syntax"],
    ["  label: out", "  \u00a0label: out", "yaml.syntax"],
    ["  label: out", "  label : {", "yaml.syntax"],
    ["  label: in\n", "  label: out\n", "label.duplicate"],
    ["  - port: 4141", "  - port: 4140", "port.duplicate"],
    ["  - port: 4141", "  - port: 9990", "port.duplicate"],
    ["  port: 9990", "  port: 4141", "port.duplicate", "  - port: 4141"],
    ["    ip: 0.0.0.0", "    ip: 0.0.0.0.0", "value.invalid"],
    ["    ip: 0.0.0.0", "    ip: 0.0.0.0\n  - port: 4140", "port.duplicate", "    ip: 0.0.0.0\n  - "],
    ["  rootDir: disco", "  rootdir: disco", "key.unknown"],
    ["  rootDir: disco", "  rootDir:", "value.type"],
    ["  rootDir: disco", "  rootDir: {disco}", "value.type"],
    ["- kind: io.l5d.fs", "- kind: io.l5d.Fs", "kind.unknown"],
    ["- kind: io.l5d.fs", "- knid: io.l5d.fs", "kind.missing"],
    ["- kind: io.l5d.prometheus", "- kind: io.l5d.promtheus", "kind.unknown"],
    ["- protocol: http\n  label: out", "- protcol: http\n  label: out", "key.unknown"],
    ["- protocol: http\n  label: out", "- protocol: htpp\n  label: out", "value.invalid"],
    ["- protocol: http\n  label: out", "- protocol: thrift\n  label: out", "kind.refused"],
    ["    /srv => /#/io.l5d.fs ;", "    /srv = /#/io.l5d.fs ;", "dtab.syntax"],
    ["    /srv => /#/io.l5d.fs ;", "    /srv => /#/io.l5d.fs", "dtab.syntax", "    /svc => /srv ;"],
    ["    /svc => /srv ;", "    /svc => /srv, /srv ;", "dtab.syntax"],
    ["    /svc => /srv ;", "    svc => /srv ;", "dtab.syntax"],
    ["    /svc => /srv ;", "    /svc => /srv/ ;", "dtab.syntax"],
    ["    /svc => /srv ;", "    /svc => (/srv ;", "dtab.syntax"],
    ["    /svc => /srv ;", "    /svc => /srv\u00a0;", "dtab.syntax"],
    ["- protocol: http\n  label: out", "- protocol:http\n  label: out", "yaml.syntax"],
    ["- protocol: http\n  label: out", "- protocol:\u00a0http\n  label: out", "yaml.syntax"],
    ["- protocol: http\n  label: out", "-protocol: http\n  label: out", "yaml.syntax"],
    ["- protocol: http\n  label: out", "-\tprotocol: http\n  label: out", "yaml.syntax"],
    ["- protocol: http\n  label: out", "- protocol: HTTP\n  label: out", "value.invalid"],
    ["- protocol: http\n  label: out", "- protocol: “http”\n  label: out", "value.invalid"],
    ["  label: out", "  label: `out`", "yaml.syntax"],
    ["  label: out", "  client: {configs: []}", "key.unknown"],
    ["  label: out", "  identifier: io.l5d.path", "value.type"],
    ["  label: out", "  service: {responseClassifier: {kind: io.l5d.h2.retryableAll5XX}}", "kind.refused"],
    ["    /svc => /srv ;", "    /svc -> /srv ;", "dtab.syntax"],
    ["    /svc => /srv ;", "    /svc ⇒ /srv ;", "dtab.syntax"],
    ["    /svc => /srv ;", "    /svc => /srv || /srv ;", "dtab.syntax"],
    ["    /svc => /srv ;", '    "/svc => /srv" ;', "dtab.syntax"],
    ["    /svc => /srv ;", "    // all\n    /svc => /srv ;", "dtab.syntax", "// all"],
  ],
  "typical-weights": [
    ["1 * /canary & 9", "1 * /canary & -9", "dtab.syntax"],
    ["1 * /canary & 9", "1e2 * /canary & 9", "dtab.syntax"],
    ["/canary => /#/io.l5d.fs/web ;", "/canary => /#/io.l5d.fs/web ; ;", "dtab.syntax"],
    ["  dtab: >-", "  dtab: >=", "yaml.syntax"],
  ],
  "typical-timeouts": [
    ["totalTimeoutMs: 5000", "totalTimeoutMs: 5s", "value.type"],
    ["totalTimeoutMs: 5000", 'totalTimeoutMs: "5000"', "value.type"],
    ["totalTimeoutMs: 5000", "totalTimeoutMs: 0", "value.type"],
    ["totalTimeoutMs: 5000", "totalTimeout: 5000", "key.unknown"],
    ["totalTimeoutMs: 5000", "requestAttemptTimeoutMs: 5000", "key.refused"],
    ["requestAttemptTimeoutMs: 1000", "requestAttemptTimeoutMs: 1.5", "value.type"],
    ["requestAttemptTimeoutMs: 1000", "totalTimeoutMs: 1000", "key.refused"],
    ["bindingTimeoutMs: 5000", "bindingTimeoutMs: yes", "value.type"],
    ["bindingTimeoutMs: 5000", "bindingTimeoutMs: .inf", "value.type"],
    ["bindingTimeoutMs: 5000", "bindingTimeoutMs: 0x1388", "value.type"],
    ["  servers:\n  - port: 4140", "  servers:\n    port: 4140", "value.type"],
    ["  servers:\n  - port: 4140", "  server:\n  - port: 4140", "key.unknown key.missing"],
    ["  - port: 4140", "  - port: 65536", "value.type"],
    ["  - port: 4140", "  - port: -1", "value.type"],
    ["  - port: 4140", "  - port: 127.0.0.1:4140", "value.type"],
    ["  - port: 4140", "  - 4140", "value.type"],
    ["  - port: 4140", "  - port: 4140\n    clearContext: maybe", "value.type", "maybe"],
    ["  - port: 4140", "  - port: 4140\n    bindingTimeoutMs: 5", "key.refused", "bindingTimeoutMs: 5\n"],
  ],
  "typical-retries": [
    ["percentCanRetry: 0.5", "percentCanRetry: 50%", "value.type"],
    ["percentCanRetry: 0.5", "percentCanRetry: -0.5", "value.type"],
    ["ttlSecs: 15", "ttlSec: 15", "key.unknown"],
    ["kind: jittered", "kind: jitered", "kind.unknown"],
    ["        minMs: 10\n", "        minMs: 100000\n", "value.invalid"],
    ["        maxMs: 10000\n", "", "key.missing", "      backoff:"],
    ["kind: io.l5d.http.retryableRead5XX", "kind: io.l5d.http.retryableReads5XX", "kind.unknown"],
    ["kind: io.l5d.http.retryableRead5XX", "kind: io.l5d.h2.retryableRead5XX", "kind.refused"],
  ],
  "typical-accrual": [
    ["kind: io.l5d.consecutiveFailures", "kind: io.l5d.consecutiveFailure", "kind.unknown"],
    ["failures: 10", "failures: ten", "value.type"],
    ["failures: 10", "failure: 10", "key.unknown key.missing"],
    ["successRate: 0.9\n      requests", "successRate: 90\n      requests", "value.type"],
    ["window: 60", "windows: 60", "key.unknown key.missing"],
  ],
  "typical-balancers": [
    ["kind: ewma", "kind: ewwa", "kind.unknown"],
    ["decayTimeMs: 15000", "decayTimeMS: 15000", "key.unknown"],
    ["maxEffort: 10", "maxEffort: 0", "value.type"],
    ["    - prefix: /\n", "    - prefx: /\n", "key.unknown"],
    ["    - prefix: /#/io.l5d.fs/users", "    - prefix: io.l5d.fs/users", "value.invalid"],
    ["    kind: io.l5d.static", "    kind: io.l5d.global", "key.unknown", "    configs:"],
  ],
  "typical-identifier-list": [
    ["    segments: 2", "    segments: two", "value.type"],
    ["    segments: 2", "    segment: 2", "key.unknown"],
    ["  - kind: io.l5d.methodAndHost", "  - kind: io.l5d.methodAndHots", "kind.unknown"],
    ["  - kind: io.l5d.methodAndHost", "  - io.l5d.methodAndHost", "value.type"],
    ["    header: my-header", '    header: ""', "value.invalid"],
  ],
  "typical-tls-server": [
    ["      keyPath: certs/site.key\n- protocol: h2", "- protocol: h2", "value.invalid", "    tls:"],
    ["certPath: certs/site.pem", "certPath: certs/nobody.pem", "tls.file"],
    ["certPath: certs/site.pem", "certpath: certs/site.pem", "key.unknown"],
    ["keyPath: certs/site.key", "keyPath: certs/ca.pem", "tls.file"],
    ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA", "value.invalid"],
    ["protocols: [TLSv1.2]", "protocols: [TLSv1]", "kind.refused"],
    ["protocols: [TLSv1.2]", "protocols: TLSv1.2", "value.type"],
  ],
  "typical-tls-client": [
    ['commonName: "{service}.test"', 'commonName: "{srv}.test"', "value.invalid"],
    ['        commonName: "{service}.test"\n', "", "value.invalid", "      tls:"],
    ["trustCertsBundle: certs/ca.pem", "caCertPath: certs/ca.pem", "key.refused"],
    ["enabled: false", "enabled: 0", "value.type"],
  ],
  "baroque-consul": [
    ["healthStatuses: [passing, warning]", "healthStatuses: [passing, warn]", "value.invalid"],
    ["healthStatuses: [passing, warning]", "healthStatuses: [passing, warning", "yaml.syntax"],
    ["consistencyMode: stale", "consistencyMode: stail", "value.invalid"],
    ["weight: 100", "weight: heavy", "value.type"],
    ["  setHost: true", "  setHost: ture", "value.type"],
  ],
  "baroque-zookeeper": [
    ["  - {host: 127.0.0.1, port: 2}", "  - {host: 127.0.0.1; port: 2}", "yaml.syntax value.invalid"],
    ["  - {host: 127.0.0.1, port: 2}", "  - {hots: 127.0.0.1, port: 2}", "key.unknown key.missing"],
    ["  basePath: /services", "  basepath: /services", "key.unknown"],
  ],
  "typical-mesh": [
    ["    - kind: io.l5d.port\n", "    - kind: io.l5d.prot\n", "kind.unknown"],
    ["      port: 18080", "      prot: 18080", "key.unknown key.missing"],
    ["    - kind: io.l5d.localhost", "    - kind: io.l5d.localhots", "kind.unknown"],
  ],
  "typical-telemetry": [
    ["  sampleRate: 0.25", "  sampleRate: 25", "value.type"],
    ["  sampleRate: 0.25", "  samplerate: 0.25", "key.unknown key.missing"],
    ["  level: INFO", "  level: CHATTY", "value.invalid"],
    ["  shutdownGraceMs: 500", "  shutdownGraceMs: 500ms", "value.type"],
  ],
  "typical-json": [
    ['"port": 4140,', '"port": 4140', "json.syntax"],
    ['"port": 9990}', '"port": 9990,}', "json.syntax"],
    ['"rootDir": "disco"', "'rootDir': 'disco'", "json.syntax"],
    ['"rootDir": "disco"', '"rootDir": "disco", "rootDir": "d"', "json.syntax yaml.duplicate-key"],
    ['"protocol": "http"', '"protocol": "http", "lable": "x"', "key.unknown"],
  ],
};

export const mistakes: readonly Mistake[] = Object.entries(changes).flatMap(([file, all]) =>
  all.map((change) => made(file, change)),
);

function made(file: string, [from, to, code, at]: Change): Mistake {
  const right = corpusFiles.find(({ name }) => name === file)?.text ?? "";
  if (!right.includes(from)) throw new Error(`${file} has no ${from}`);
  const text = right.replace(from, () => to);
  const changed = at === undefined ? right.indexOf(from) : text.indexOf(at) + at.trimEnd().lastIndexOf("\n") + 1;
  if (at !== undefined && !text.includes(at)) throw new Error(`${file} has no ${at}`);
  const line = text.slice(0, changed).split("\n").length;
  return { name: `${file}: ${JSON.stringify(from)} as ${JSON.stringify(to)}`, text, line, code };
}
