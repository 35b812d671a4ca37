/** The order to read the configuration again, and the question what another one would change. */
import type { DiffReport, ReloadReport } from "../reload/report.ts";
import { isJson, MAX_BODY, readBody } from "./request-body.ts";
import { type AdminRoute, sendJson } from "./server.ts";

export interface ReloadSource {
  /** `undefined` where the daemon was started from a text: there is no file to read again. */
  reload(): Promise<ReloadReport> | undefined;
  /** What a text would change, were it in the file; `file` is for messages. */
  diff(text: string, file: string): Promise<DiffReport>;
  /** What runs. */
  running(): { readonly file: string; readonly revision: number; readonly hash: string };
}

export function reloadRoutes(source: ReloadSource): readonly AdminRoute[] {
  return [
    {
      method: "GET",
      path: "/admin/config",
      handle: (_, response) => sendJson(response, source.running()),
    },
    {
      method: "POST",
      path: "/admin/reload",
      handle: async (_, response) => {
        const report = await source.reload();
        if (report === undefined) {
          return sendJson(
            response,
            { error: "this daemon was not started from a file, so there is none to read" },
            409,
          );
        }
        sendJson(response, report, report.result === "refused" ? 422 : 200);
      },
    },
    {
      method: "POST",
      path: "/admin/diff",
      readsBody: true,
      handle: async ({ raw }, response) => {
        if (!isJson(raw)) return sendJson(response, { error: "expected application/json" }, 415);
        const body = await readBody(raw);
        if (body === undefined) return sendJson(response, { error: `more than ${MAX_BODY} bytes` }, 413);
        const asked = questionIn(body);
        if (asked === undefined) return sendJson(response, { error: "expected `text`, and `file` for messages" }, 400);
        const report = await source.diff(asked.text, asked.file);
        sendJson(response, report, report.ok ? 200 : 422);
      },
    },
  ];
}

function questionIn(body: string): { readonly text: string; readonly file: string } | undefined {
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { text, file = "-" } = (asked ?? {}) as { readonly text?: unknown; readonly file?: unknown };
  return typeof text === "string" && typeof file === "string" ? { text, file } : undefined;
}
