/** A turn of the event loop: who has more to do than a few ms takes one now and then, and others go on meanwhile. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
