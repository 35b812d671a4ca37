/** What an attempt has told of its endpoint. */
import type { Classifier } from "../http/classifier.ts";
import type { Exchange } from "../http/exchange.ts";
import { Answer, type ClusterSlots, Outcome } from "./slots.ts";

/** One of `Outcome`; unknown where only the end of the answer can say. */
export function outcomeOf(x: Exchange, at: "respond" | "finish", slots: ClusterSlots): number {
  const { failure } = x;
  if (failure !== undefined) {
    // Time that ran out before anything was sent says nothing of this endpoint, nor does a caller that left.
    const unsaid = failure.code === "total.timeout" && !x.sent;
    return unsaid || failure.flags.has("interrupted") ? Outcome.ignored : Outcome.failure;
  }
  // A caller that left, or gave its call so much time and no more, says nothing of an endpoint that had answered.
  const { broken } = x;
  if (broken !== undefined && (broken.flags.has("interrupted") || broken.flags.has("timeout"))) return Outcome.ignored;
  // An attempt that was given up before it was answered.
  if (x.numbers[slots.answer] === Answer.none) return Outcome.ignored;
  const classifier = x.values[slots.classifier] as Classifier | undefined;
  if (classifier === undefined) return x.response.status < 500 ? Outcome.success : Outcome.failure;
  const said = classifier.classify(x, at);
  if (said === undefined) return Outcome.unknown;
  return said === "success" ? Outcome.success : Outcome.failure;
}
