/** Keys of Linkerd 1 that are gone or have moved, and keys that stand in the wrong mapping: where they went, or belong. */

const belong = (place: string, keys: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(keys.map((key) => [key, `\`${key}\` belongs into ${place}`]));

const gone = (why: string, keys: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(keys.map((key) => [key, `\`${key}\` is gone: ${why}`]));

const ofRouter = ["dtab", "dstPrefix", "identifier", "interpreter", "bindingTimeoutMs", "bindingCache"];
const ofServer = [
  "port",
  "ip",
  "clearContext",
  "announce",
  "advertise",
  "addForwardedHeader",
  "maxCallDepth",
  "timestampHeader",
];
const ofClient = [
  "loadBalancer",
  "failureAccrual",
  "failFast",
  "hostConnectionPool",
  "requeueBudget",
  "requestAttemptTimeoutMs",
  "clientSession",
  "requestAuthorizers",
];
const ofService = ["retries", "responseClassifier", "totalTimeoutMs"];

/** At the top of a file. */
export const movedFromTop = {
  ...belong("an entry of `routers`", [...ofRouter, "protocol", "servers", "client", "service"]),
  ...belong("an entry of `servers` of a router", ofServer),
  ...belong("an entry of `routers`", ["announcers"]),
  tracers: "`tracers` is now `telemetry`",
  router: "`router` is now `routers`, a list",
};

/** On a router. */
export const movedFromRouter = {
  ...belong("an entry of `servers`", ofServer),
  ...belong("`client`", ofClient),
  ...belong("`service`", ofService),
  ...belong("an entry of `servers`, or into `client`", ["tls", "socketOptions"]),
  ...belong("`interpreter`, or into an entry of `namers`", ["transformers"]),
  ...belong("the top of the file", ["namers", "telemetry", "admin", "usage"]),
  ...gone("bodies stream", ["maxChunkKB", "maxRequestKB", "maxResponseKB"]),
  ...gone("there is one for each protocol", ["engine"]),
  timeoutMs: "`timeoutMs` is now `totalTimeoutMs` in `service`",
  baseDtab: "`baseDtab` is now `dtab`",
};

/** On a server. */
export const movedFromServer = {
  ...belong("the router, beside `servers`", [...ofRouter, "maxHeadersKB", "maxInitialLineKB", "compressionLevel"]),
  ...belong("`client` of the router", ofClient),
  ...belong("`service` of the router", ofService),
};

/** In `client`. */
export const movedFromClient = {
  ...belong("`service`", ofService),
  ...belong("`hostConnectionPool`", ["minSize", "maxSize", "maxWaiters"]),
  timeoutMs: "`timeoutMs` is `requestAttemptTimeoutMs` here, and `totalTimeoutMs` in `service`",
};

/** In `service`. */
export const movedFromService = {
  ...belong("`client`", [...ofClient, "tls"]),
  ...belong("`retries`", ["budget", "backoff"]),
  timeoutMs: "`timeoutMs` is now `totalTimeoutMs`",
};
