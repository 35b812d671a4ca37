/** The order to read the configuration again, and the question what another one would change. */
import type { DiffReport, ReloadReport } from "../reload/report.ts";
import { MAX_BODY, readBody } from "./request-body.ts";
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
      handle: async ({ url, raw }, response) => {
        const text = await readBody(raw);
        if (text === undefined) return sendJson(response, { error: `more than ${MAX_BODY} bytes` }, 413);
        const report = await source.diff(text, url.searchParams.get("file") ?? "-");
        sendJson(response, report, report.ok ? 200 : 422);
      },
    },
  ];
}
