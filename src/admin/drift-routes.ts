/** How far the targets of this daemon's mirrors are from their sources. */
import type { Drift, NameDrift } from "../bridge/drift-book.ts";
import type { MirrorRole } from "../bridge/mirror-status.ts";
import { type AdminRoute, sendJson } from "./server.ts";

export interface MirrorDrift extends Drift {
  readonly mirror: string;
  readonly role: MirrorRole;
  readonly leader?: string;
}

/** What the linker hands to the admin port. */
export interface DriftDesk {
  /** In the order of the file. */
  drift(): readonly MirrorDrift[];
}

/** `left`: names that differ, or are not known, and had no room. */
export interface DriftAnswer {
  readonly mirrors: readonly MirrorDrift[];
  readonly left: number;
}

/** Of all mirrors in one answer. */
const MOST_NAMES = 1_000;
const MOST_INSTANCES = 200;

export function driftRoutes(desk: DriftDesk): readonly AdminRoute[] {
  return [
    {
      method: "GET",
      path: "/api/drift",
      handle: ({ url }, response) => {
        const mirror = url.searchParams.get("mirror");
        const answer = driftOf(desk.drift().filter((each) => mirror === null || each.mirror === mirror));
        if (mirror === null || answer.mirrors.length > 0) return sendJson(response, answer);
        sendJson(response, { error: `there is no mirror ${mirror}` }, 404);
      },
    },
  ];
}

/** Names that are the same on both sides are counted only. */
export function driftOf(all: readonly MirrorDrift[]): DriftAnswer {
  let room = MOST_NAMES;
  let left = 0;
  const mirrors = all.map((mirror) => {
    const telling = mirror.names.filter(isTelling);
    const names = telling.slice(0, room);
    room -= names.length;
    left += telling.length - names.length;
    return {
      ...mirror,
      names: names.map((name) => ({ ...name, instances: name.instances.slice(0, MOST_INSTANCES) })),
    };
  });
  return { mirrors, left };
}

const isTelling = ({ instances, trouble }: NameDrift): boolean => instances.length > 0 || trouble !== undefined;
