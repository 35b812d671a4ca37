/** Has a server end with the test that started it, wherever that ends: a signal leaves nobody who could dispose of it. */

/** What to run in place of `command`; it becomes that, with the same process id. */
export function mortal(command: string, args: readonly string[]): readonly [command: string, args: readonly string[]] {
  if (process.platform !== "linux") return [command, args];
  return ["setpriv", ["--pdeathsig", "KILL", "--", command, ...args]];
}
