/** Lets connections of callers take no further request when they are so old. */
import type { Clock } from "../base/time.ts";
import type { ListenerOptions } from "./listener.ts";

type Accept = ListenerOptions["accept"];

/** What `accept` does, with an end to the life of each connection: what is under way then is still answered. */
export function limitLife(accept: Accept, lifeMs: number, clock: Clock): Accept {
  return (socket, closed) => {
    let timer: Disposable | undefined;
    let isGone = false;
    const connection = accept(socket, () => {
      isGone = true;
      timer?.[Symbol.dispose]();
      closed();
    });
    if (!isGone) timer = clock.timer(lifeMs, () => connection.drain());
    return connection;
  };
}
