/** Keeps the process while a command waits: the timers of the Clock do not, nor does a registry that is gone. */

/** Until it is disposed. */
export function keepAlive(): Disposable {
  const { port1 } = new MessageChannel();
  port1.ref();
  return { [Symbol.dispose]: () => port1.close() };
}
