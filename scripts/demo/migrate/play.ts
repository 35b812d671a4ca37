/** Plays the walk-through from its first step to its last, under callers that never stop. */
import { openRegistries, type Wanted } from "./registries.ts";
import { type Cast, steps } from "./steps.ts";
import type { Running } from "./stage.ts";
import { EndlessCaller, type Had, type Way } from "./traffic.ts";
import { type Show, Walk } from "./walk.ts";

/** Who shows it, and whom callers are shown by. */
export interface WalkShow extends Show {
  follow(caller: EndlessCaller): void;
}

export interface Played {
  readonly registries: string;
  readonly callers: readonly (Had & { readonly name: string; readonly failures: readonly string[] })[];
}

/** How long everybody is looked at after a step. */
const LOOK_MS = 1_500;

/** Nothing of it is left when it resolves or rejects. */
export async function playWalk(show: WalkShow, wanted: Wanted, signal: AbortSignal): Promise<Played> {
  await using stack = new AsyncDisposableStack();
  const registries = await openRegistries(stack, wanted);
  show.said(`On ${registries.about}.`);
  const walk = await Walk.open(stack, registries, show);
  const callers: EndlessCaller[] = [];
  const call = async (name: string, way: Way): Promise<EndlessCaller> => {
    const caller = stack.use(new EndlessCaller(name, way));
    await caller.start();
    callers.push(caller);
    show.follow(caller);
    return caller;
  };
  const cast: Cast = {
    running: new Map<string, readonly Running[]>(),
    direct: (name, service) => call(name, async () => targets(await registries.bySelf(service), service)),
    fromPods: (name, service) => call(name, async () => targets(await registries.byService(service), service)),
    throughLinkspan: (name, service) =>
      call(name, async () => [{ host: registries.hostAddress, port: walk.port, authority: service }]),
    retire: async (name) => callers.find((each) => each.name === name)?.[Symbol.asyncDispose](),
    startDaemon: () => walk.startDaemon(stack),
  };
  for (const { title, play } of steps) {
    signal.throwIfAborted();
    show.step(title);
    await play(walk, cast);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  for (const caller of callers.toReversed()) await caller[Symbol.asyncDispose]();
  return {
    registries: registries.about,
    callers: callers.map(({ name, all, failures }) => ({ name, ...all, failures })),
  };
}

function targets(addresses: readonly string[], authority: string): { host: string; port: number; authority: string }[] {
  return addresses.map((address) => {
    const colon = address.lastIndexOf(":");
    return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)), authority };
  });
}
