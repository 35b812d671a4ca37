/** The whole page: follows the live state, with search and paging done by the server. */
import { useEffect, useState } from "preact/hooks";
import type { AdminState } from "../state.ts";
import { Charts } from "./charts.tsx";
import { Mirrors } from "./mirrors.tsx";
import { Namers } from "./namers.tsx";
import { Router } from "./router.tsx";
import { Shifts } from "./shifts.tsx";

const pageSize = 50;

function useLiveState(search: string, page: number): { state: AdminState | undefined; connected: boolean } {
  const [state, setState] = useState<AdminState>();
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const query = new URLSearchParams({ search, page: String(page), size: String(pageSize) });
    const events = new EventSource(`/api/stream?${query}`);
    events.addEventListener("message", (event: MessageEvent<string>) => {
      setState(JSON.parse(event.data) as AdminState);
      setConnected(true);
    });
    events.addEventListener("error", () => setConnected(false));
    return () => events.close();
  }, [search, page]);
  return { state, connected };
}

export function App() {
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(0);
  const { state, connected } = useLiveState(search, page);
  const most = Math.max(0, ...(state?.routers.map((router) => router.totalRoutes) ?? []));
  const pages = Math.max(1, Math.ceil(most / pageSize));
  return (
    <main>
      <header>
        <h1>linkspan</h1>
        <span class="version">{state?.version}</span>
        <span class={connected ? "live" : "lost"} role="status">
          {connected ? "live" : "connection lost"}
        </span>
        <a href="delegator">dtab playground</a>
        <input
          type="search"
          placeholder="search names"
          aria-label="search names"
          value={search}
          onInput={(event) => {
            setSearch(event.currentTarget.value);
            setPage(0);
          }}
        />
        <nav aria-label="pages">
          <button disabled={page === 0} onClick={() => setPage(page - 1)}>
            previous
          </button>
          <span>
            page {page + 1} of {pages}
          </span>
          <button disabled={page + 1 >= pages} onClick={() => setPage(page + 1)}>
            next
          </button>
        </nav>
      </header>
      {state === undefined ? <p>waiting for the first picture</p> : <Charts state={state} />}
      {state?.routers.map((router) => (
        <Router key={router.label} router={router} />
      ))}
      <Mirrors search={search} page={page} size={pageSize} />
      <Shifts />
      {state && <Namers namers={state.namers} />}
    </main>
  );
}
