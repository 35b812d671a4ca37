/** What there is at the admin port: a list for scripts, and a page of pointers for people. */
import { type AdminRoute, sendText } from "./server.ts";

/** Of these routes, and of themselves. */
export function indexRoutes(routes: readonly AdminRoute[], allows: (path: string) => boolean): readonly AdminRoute[] {
  const list = (): readonly string[] =>
    [...new Set([...routes, ...own].map(({ path }) => path))].filter((path) => allows(path)).sort();
  const text = (): string => list().join("\n") + "\n";
  const own: readonly AdminRoute[] = [
    { method: "GET", path: "/admin", handle: (_, response) => sendText(response, 200, text()) },
    { method: "GET", path: "/admin/index.txt", handle: (_, response) => sendText(response, 200, text()) },
    {
      method: "GET",
      path: "/help",
      handle: (_, response) => sendText(response, 200, helpPage(list()), "text/html; charset=utf-8"),
    },
  ];
  return own;
}

const helpPage = (paths: readonly string[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>linkspan: help</title></head><body>
<h1>Help</h1><p><a href=".">Routers, names and namers</a>, <a href="delegator">dtab playground</a>.</p>
<p>On the command line: <code>linkspan --help</code>, <code>linkspan names</code>, <code>linkspan explain NAME</code>.</p>
<p>Everything on this port:</p><ul>${paths.map((path) => `<li>${escaped(path)}</li>`).join("")}</ul></body></html>
`;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
