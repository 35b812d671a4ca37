/** Closing what has to ask somebody who may not answer: given up after a while, since that must not keep a process. */
import { type Clock, sleep } from "./time.ts";

/** Closes `resource`, or leaves it to itself after `ms`. Its error passes, if it comes in time. */
export function boundedClose(resource: AsyncDisposable, clock: Clock, ms: number) {
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      const over = new AbortController();
      const close = async (): Promise<void> => resource[Symbol.asyncDispose]();
      const closed = close().finally(() => over.abort());
      // Nobody may be there any more to hear that it failed.
      closed.catch(() => undefined);
      const late = sleep(clock, ms, over.signal).catch(() => closed);
      await Promise.race([closed, late]);
    },
  };
}
