/** What tests of plugins need, published as `linkspan/testing`: re-exports only. */
export * from "./fake-clock.ts";
export * from "./seeded-random.ts";
