/** The keys of the stacks of routers: a router that is built anew gets another one, and so do its names. */
import type { Config, RouterConfig } from "./config/config.ts";
import { ownKeysOf } from "./config/config-diff.ts";
import { meansTheSame } from "./config/meaning.ts";

/** By label, as plain data that other threads can be given. */
export type KeysByLabel = Readonly<Record<string, string>>;

export class StackKeys {
  readonly byLabel: KeysByLabel;

  constructor(byLabel: KeysByLabel) {
    this.byLabel = byLabel;
  }

  /** Of the first configuration of a process. */
  static first({ routers }: Pick<Config, "routers">): StackKeys {
    return new StackKeys(Object.fromEntries(routers.map(({ label }) => [label, label])));
  }

  of({ label }: Pick<RouterConfig, "label">): string {
    const key = this.byLabel[label];
    if (key === undefined) throw new Error(`there is no router ${label}`);
    return key;
  }

  /** Those of the next configuration: the same where a stack can go on. `revision` has not been used before. */
  next(before: Config, after: Config, revision: number): StackKeys {
    const keys = after.routers.map((router): [string, string] => {
      const known = before.routers.find(({ label }) => label === router.label);
      const goesOn = known !== undefined && meansTheSame(stackOf(known, before), stackOf(router, after));
      return [router.label, goesOn ? this.of(known) : `${router.label}@${revision}`];
    });
    return new StackKeys(Object.fromEntries(keys));
  }
}

/** All that a stack is made of. */
function stackOf(router: RouterConfig, { baseDir }: Config): object {
  const { identifiers, client, service } = router;
  return { own: ownKeysOf(router), identifiers, client, service, baseDir };
}
