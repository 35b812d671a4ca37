/** The static files of the admin port's pages, from the folder that the build made. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type AdminRoute, sendText } from "./server.ts";

const files = [
  { path: "/", file: "index.html", type: "text/html; charset=utf-8" },
  { path: "/dashboard.js", file: "dashboard.js", type: "text/javascript; charset=utf-8" },
  { path: "/dashboard.css", file: "dashboard.css", type: "text/css; charset=utf-8" },
  { path: "/delegator", file: "playground.html", type: "text/html; charset=utf-8" },
  { path: "/playground.js", file: "playground.js", type: "text/javascript; charset=utf-8" },
  { path: "/playground.css", file: "playground.css", type: "text/css; charset=utf-8" },
  { path: "/icon.svg", file: "icon.svg", type: "image/svg+xml" },
] as const;

const folder = new URL("dist/dashboard/", import.meta.resolve("linkspan/package.json"));

export function pageRoutes(): readonly AdminRoute[] {
  return files.map(({ path, file, type }) => ({
    method: "GET",
    path,
    handle: async (_request, response) => {
      try {
        sendText(response, 200, await readFile(new URL(file, folder), "utf8"), type);
      } catch (error) {
        const where = fileURLToPath(folder);
        sendText(
          response,
          503,
          `the page is not built (${(error as Error).message}); run \`npm run build\` to make ${where}\n`,
        );
      }
    },
  }));
}
