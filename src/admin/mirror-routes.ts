/** The mirrors of this daemon, page by page, and the operator's approval of what they would delete. */
import type { Approval, Approved, MirrorsAnswer, MirrorStatus, TargetStatus } from "../bridge/mirror-status.ts";
import { isJson, MAX_BODY, readBody } from "./request-body.ts";
import { type AdminHandler, type AdminRoute, sendJson } from "./server.ts";

/** What the linker hands to the admin port. */
export interface MirrorDesk {
  /** In the order of the file. */
  status(): readonly MirrorStatus[];
  /** `undefined` where there is no such mirror. */
  approve(name: string, approval: Approval): Approved | undefined;
}

export const MIRROR_APPROVAL = "/admin/mirrors/approve";

/** Targets of all mirrors that one answer has at most. */
const MOST_TARGETS = 500;

interface MirrorsQuery {
  /** A part of a mirror's name or of one of its targets, in any case; empty for all. */
  readonly search: string;
  /** Only targets in one of these states; empty for all. */
  readonly states: ReadonlySet<string>;
  readonly page: number;
  readonly pageSize: number;
}

export function mirrorRoutes(desk: MirrorDesk): readonly AdminRoute[] {
  return [
    {
      method: "GET",
      path: "/api/mirrors",
      handle: ({ url }, response) => sendJson(response, mirrorsOf(desk, queryOf(url))),
    },
    { method: "POST", path: MIRROR_APPROVAL, readsBody: true, handle: approval(desk) },
  ];
}

/** The mirrors themselves are few and always all there; their targets are paged. */
export function mirrorsOf(desk: MirrorDesk, { search, states, page, pageSize }: MirrorsQuery): MirrorsAnswer {
  const needle = search.toLowerCase();
  const [from, to] = [page * pageSize, (page + 1) * pageSize];
  let matching = 0;
  const mirrors = desk.status().map((status): MirrorStatus => {
    const isNamed = status.mirror.toLowerCase().includes(needle);
    const isMeant = ({ target, source = "", state }: TargetStatus): boolean =>
      (isNamed || target.toLowerCase().includes(needle) || source.toLowerCase().includes(needle)) &&
      (states.size === 0 || states.has(state));
    const meant = status.targets.filter(isMeant);
    const targets = meant.slice(Math.max(0, from - matching), Math.max(0, to - matching));
    matching += meant.length;
    return { ...status, targets };
  });
  return { mirrors, matching, left: Math.max(0, matching - to) };
}

function queryOf({ searchParams }: URL): MirrorsQuery {
  const whole = (name: string, otherwise: number, most: number): number => {
    const value = Number(searchParams.get(name) ?? otherwise);
    return Number.isInteger(value) && value >= 0 ? Math.min(value, most) : otherwise;
  };
  const states = (searchParams.get("state") ?? "").split(",").filter((state) => state !== "");
  return {
    search: (searchParams.get("search") ?? "").slice(0, 200),
    states: new Set(states),
    page: whole("page", 0, 1e6),
    pageSize: Math.max(1, whole("size", 50, MOST_TARGETS)),
  };
}

interface Asked extends Approval {
  readonly mirror: string;
}

const approval =
  (desk: MirrorDesk): AdminHandler =>
  async ({ raw }, response) => {
    if (!isJson(raw)) return sendJson(response, { error: "expected application/json" }, 415);
    const body = await readBody(raw);
    if (body === undefined) return sendJson(response, { error: `more than ${MAX_BODY} bytes` }, 413);
    const asked = askedIn(body);
    if (asked === undefined) {
      return sendJson(response, { error: "expected the texts `mirror`, `by`, `why`, and perhaps `target`" }, 400);
    }
    const { mirror, ...approved } = asked;
    const answer = desk.approve(mirror, approved);
    if (answer === undefined) return sendJson(response, { error: `there is no mirror ${mirror}` }, 404);
    sendJson(response, { mirror, ...answer });
  };

function askedIn(body: string): Asked | undefined {
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { mirror, by, why, target } = (asked ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof mirror !== "string" || typeof by !== "string" || typeof why !== "string") return undefined;
  if (target === undefined) return { mirror, by, why };
  return typeof target === "string" ? { mirror, by, why, target } : undefined;
}
