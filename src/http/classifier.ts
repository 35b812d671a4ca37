/** Says success, failure or retryable of an answer. */
import type { Exchange } from "./exchange.ts";

export type ResponseClass = "success" | "failure" | "retryable";

/**
 * At `respond` it may say `undefined` (gRPC: the status comes with the trailers); at `finish` it must decide. Only a
 * class given at `respond` can lead to a retry.
 */
export interface Classifier {
  classify(x: Exchange, at: "respond" | "finish"): ResponseClass | undefined;
}
