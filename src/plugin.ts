/** The public SDK, published as `linkspan/plugin`: re-exports only. */
export * from "./base/address.ts";
export * from "./base/blocking-index.ts";
export { ByKey } from "./base/by-key.ts";
export * from "./base/dialer.ts";
export * from "./base/document-store.ts";
export type { Environment } from "./base/environment.ts";
export type { Failure, FailureCode } from "./base/failure.ts";
export {
  type Confirm,
  type Guarded,
  type NameGuard,
  type Publish,
  type Reading,
  type Signs,
  SourceGuard,
} from "./base/guard.ts";
export { untilAborted } from "./base/guarded.ts";
export type * from "./base/http.ts";
export * from "./base/instance.ts";
export * from "./base/line-reader.ts";
export * from "./base/log.ts";
export * from "./base/metrics.ts";
export { type PackedRow, packRows, unpackRows } from "./base/packed-rows.ts";
export { RemadeMap } from "./base/remade-map.ts";
export * from "./base/scope.ts";
export * from "./base/secret.ts";
export { candidates as namesToAsk, readResolverFile, type ResolverFile } from "./base/system-files.ts";
export * from "./base/time.ts";
export { within } from "./base/within.ts";
export { ITEMS_A_STEP, turn } from "./base/turn.ts";
export * from "./base/turnstile.ts";
export * from "./base/var.ts";
export * from "./base/watch.ts";
export * from "./cluster/accrual-policy.ts";
export * from "./cluster/balancer.ts";
export * from "./config/class-rule.ts";
export { nearest } from "./config/nearest.ts";
export * from "./config/parse-yaml.ts";
export { httpTlsOf } from "./config/http-tls.ts";
export { Pattern } from "./config/pattern.ts";
export * from "./config/plugin.ts";
export { matchFields, type RequestMatch } from "./config/request-match.ts";
export * from "./config/schema.ts";
export { clientTls, type ClientTlsConfig, trustOf } from "./config/tls-schema.ts";
export * from "./http/classifier.ts";
export * from "./http/exchange.ts";
export { isGrpc } from "./http/grpc.ts";
export * from "./http/headers.ts";
export { hostOf } from "./http/host-name.ts";
export { RequestMatcher } from "./http/request-matcher.ts";
export * from "./naming/address-transformer.ts";
export type * from "./naming/announcer.ts";
export type * from "./naming/delegation.ts";
export type { Dentry } from "./naming/dentry.ts";
export { Dtab } from "./naming/dtab.ts";
export type * from "./naming/dtab-source.ts";
export * from "./naming/entry-mark.ts";
export * from "./naming/follow-service.ts";
export * from "./naming/guarded-service.ts";
export * from "./naming/guarded-services.ts";
export type { Interpreter } from "./naming/interpreter.ts";
export { parseIp } from "./naming/ip-literal.ts";
export * from "./naming/name-tree.ts";
export * from "./naming/namer.ts";
export * from "./naming/path.ts";
export * from "./naming/rewriting-namer.ts";
export type * from "./naming/other-clients.ts";
export { RefusedAnnouncement } from "./naming/refused-announcement.ts";
export type { Refusals, RefusedEntries } from "./naming/refused-entries.ts";
export * from "./naming/shared-addresses.ts";
export * from "./naming/shared-sources.ts";
export type { Transformer } from "./naming/transformer.ts";
export * from "./naming/watch-book.ts";
export * from "./router/identifier.ts";
