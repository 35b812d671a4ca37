/** What a linkerd.yaml for HTTP and h2 may say: the keys of Linkerd 1.7.5 that are served, and the kinds. */

const keys = `admin ip port shutdownGraceMs usage orgId telemetry namers routers protocol servers label dstPrefix dtab originator
  bindingTimeoutMs bindingCache paths trees bounds clients idleTtlSecs interpreter client service experimental
  tls certPath keyPath intermediateCertsPath caCertPath requireClientAuth ciphers protocols
  clearContext maxCallDepth timestampHeader
  windowUpdateRatio headerTableBytes initialStreamWindowBytes maxConcurrentStreamsPerConnection maxFrameBytes maxHeaderListBytes
  totalTimeoutMs retries budget minRetriesPerSec percentCanRetry ttlSecs backoff ms minMs maxMs
  responseClassifier retryBufferSize requestBytes retryableStatusCodes successStatusCodes
  hostConnectionPool minSize maxSize idleTimeMs maxWaiters clientSession lifeTimeMs
  loadBalancer maxEffort decayTimeMs requeueBudget failureAccrual failures successRate requests window
  requestAttemptTimeoutMs forwardClientCert configs prefix
  commonName disableValidation trustCertsBundle trustCerts clientAuth enabled
  identifier segments consume header httpUriInDst path maxHeadersKB maxInitialLineKB tracePropagator
  httpAccessLog httpAccessLogRollPolicy httpAccessLogAppend httpAccessLogRotateCount
  h2AccessLog h2AccessLogRollPolicy h2AccessLogAppend h2AccessLogRotateCount
  httpIdentifierPort security uiEnabled controlEnabled diagnosticsEnabled pathWhitelist pathBlacklist
  streamingEnabled streamAfterContentLengthKB maxErrResponseKB
  socketOptions serverSession addForwardedHeader by for maxConcurrentRequests timeoutMs failFast
  enableProbation smoothWindowMs lowLoad highLoad minAperture
  transformers host pattern name rootDir dtabFile
  includeTag useHealthCheck healthStatuses token setHost consistencyMode preferServiceAddress weights tag weight transferMetadata
  labelSelector envVar zkAddrs basePath uriPrefix ttlMs jitterMs dst refreshIntervalSeconds dnsHosts
  namespace filename sampleRate capacity level gaugeIntervalMs
  announcers announce pathPrefix ingressClassAnnotation ignoreDefaultBackends k8sHost k8sPort hostNetwork`;

const kinds = `io.l5d.fs io.l5d.consul io.l5d.k8s io.l5d.k8s.ns io.l5d.k8s.external io.l5d.serversets io.l5d.zkLeader io.l5d.curator
  io.l5d.marathon io.l5d.dnssrv io.l5d.rewrite
  default io.l5d.consul.interpreter io.l5d.k8s.configMap io.l5d.namerd.http
  io.l5d.port io.l5d.localhost io.l5d.specificHost io.l5d.replace io.l5d.const
  io.l5d.k8s.localnode io.l5d.k8s.daemonset
  io.l5d.methodAndHost io.l5d.path io.l5d.header io.l5d.header.token io.l5d.header.path io.l5d.static io.l5d.global io.l5d.ingress
  p2c ewma aperture heap roundRobin
  none io.l5d.consecutiveFailures io.l5d.successRate io.l5d.successRateWindowed constant jittered
  io.l5d.http.nonRetryable5XX io.l5d.http.retryableRead5XX io.l5d.http.retryableIdempotent5XX io.l5d.http.retryableAll5XX
  io.l5d.http.allSuccessful io.l5d.h2.nonRetryable5XX io.l5d.h2.retryableRead5XX io.l5d.h2.retryableIdempotent5XX
  io.l5d.h2.retryableAll5XX io.l5d.h2.allSuccessful io.l5d.h2.grpc.default io.l5d.h2.grpc.compliant
  io.l5d.h2.grpc.alwaysRetryable io.l5d.h2.grpc.neverRetryable io.l5d.h2.grpc.retryableStatusCodes
  io.l5d.default io.l5d.prometheus io.l5d.recentRequests io.l5d.influxdb io.l5d.statsd io.l5d.tracelog io.l5d.zipkin`;

const systemNamers = `inet fixedinet nil fail io.buoyant.rinet io.buoyant.hostportPfx io.buoyant.porthostPfx
  io.buoyant.http.subdomainOfPfx io.buoyant.http.domainToPathPfx io.buoyant.http.anyMethodPfx
  com.twitter.serverset`;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** As they are written: `port:`, `kind: p2c`, `/$/inet`. */
export const features: readonly string[] = [
  ...words(keys).map((key) => `${key}:`),
  ...words(kinds).map((kind) => `kind: ${kind}`),
  ...words(systemNamers).map((kind) => `/$/${kind}`),
];

export function used(feature: string, text: string): boolean {
  const escaped = feature.replaceAll(/[.$]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\w.])${escaped}(?![\\w.])`).test(text.replaceAll(/["']/g, ""));
}
