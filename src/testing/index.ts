/** What tests of plugins need, published as `linkspan/testing`: re-exports only. */
export * from "./announcer-contract.ts";
export * from "./counting-clock.ts";
export * from "./eventually.ts";
export * from "./fake-clock.ts";
export * from "./followed-var.ts";
export * from "./namer-contract.ts";
export * from "./plugin-context.ts";
export * from "./recording-log.ts";
export * from "./seeded-random.ts";
