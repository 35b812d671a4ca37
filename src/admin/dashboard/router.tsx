/** One router: its names, each with the endpoints that it leads to. */
import type { ClusterState, EndpointState, PagedRouter, RouteState } from "../state.ts";

const count = new Intl.NumberFormat("en");
const ms = (value: number): string => (value > 0 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : "");
const percent = (route: RouteState): string =>
  route.requests === 0 ? "" : `${((1 - route.failures / route.requests) * 100).toFixed(2)} %`;

export function Router({ router }: { router: PagedRouter }) {
  const clusters = new Map(router.clusters.map((cluster) => [cluster.id, cluster]));
  return (
    <section aria-label={`router ${router.label}`}>
      <h2>
        router {router.label} <small>{router.servers.join(", ")}</small>
      </h2>
      {router.routes.length === 0 && <p class="empty">No name has been asked for yet.</p>}
      {router.routes.map((route) => (
        <Route key={route.name} route={route} clusters={clusters} />
      ))}
    </section>
  );
}

function Route({ route, clusters }: { route: RouteState; clusters: ReadonlyMap<string, ClusterState> }) {
  return (
    <article class={`route ${route.state}`}>
      <h3>
        <code>{route.name}</code> <span class={`state ${route.state}`}>{route.state}</span>
      </h3>
      {route.cause && <p class="cause">{route.cause}</p>}
      <dl>
        <dt>requests</dt>
        <dd>{count.format(route.requests)}</dd>
        <dt>success</dt>
        <dd>{percent(route)}</dd>
        <dt>in flight</dt>
        <dd>{route.pending}</dd>
        <dt>p50</dt>
        <dd>{ms(route.p50Ms)}</dd>
        <dt>p99</dt>
        <dd>{ms(route.p99Ms)}</dd>
      </dl>
      {route.clusters.map((id) => {
        const cluster = clusters.get(id);
        return cluster && <Cluster key={id} cluster={cluster} />;
      })}
    </article>
  );
}

function Cluster({ cluster }: { cluster: ClusterState }) {
  const busiest = Math.max(1, ...cluster.endpoints.map((endpoint) => endpoint.requests));
  return (
    <table>
      <caption>
        <code>{cluster.id}</code> <span class={`state ${cluster.state}`}>{cluster.state}</span> {cluster.cause}
        <Offer cluster={cluster} />
      </caption>
      <thead>
        <tr>
          <th>endpoint</th>
          <th>status</th>
          <th>in flight</th>
          <th>latency</th>
          <th>requests</th>
          <th>failures</th>
          <th>connections</th>
        </tr>
      </thead>
      <tbody>
        {cluster.endpoints.map((endpoint) => (
          <Endpoint key={endpoint.address} endpoint={endpoint} busiest={busiest} />
        ))}
      </tbody>
    </table>
  );
}

/** What the balancer does with the set: nothing to say where it chooses from all of it. */
function Offer({ cluster: { offered, endpoints } }: { cluster: ClusterState }) {
  const used = endpoints.filter(({ share }) => share !== 0).length;
  const among = `${used} of ${endpoints.length}`;
  if (offered === "panic")
    return <span class="state panic">panic: all that can be connected to are used, {among}</span>;
  if (offered === "zone") return <small> own zone only: {among}</small>;
  return used === endpoints.length ? undefined : <small> aperture: {among}</small>;
}

function shareText({ share, status }: EndpointState): string | undefined {
  if (share === undefined || status !== "open") return undefined;
  return share === 0 ? "not offered" : `gets ${Math.round(share * 100)} % of its share`;
}

function Endpoint({ endpoint, busiest }: { endpoint: EndpointState; busiest: number }) {
  return (
    <tr class={endpoint.status}>
      <td>
        <code>{endpoint.address}</code>
        {endpoint.weight !== 1 && <small> weight {endpoint.weight}</small>}
      </td>
      <td title={endpoint.reason}>
        {endpoint.status}
        {endpoint.reason && <small> {endpoint.reason}</small>}
        {shareText(endpoint) && <small> {shareText(endpoint)}</small>}
      </td>
      <td>{endpoint.pending}</td>
      <td>{ms(endpoint.latencyMs)}</td>
      <td>
        <meter min={0} max={busiest} value={endpoint.requests} /> {count.format(endpoint.requests)}
      </td>
      <td>{count.format(endpoint.failures)}</td>
      <td>{endpoint.connections}</td>
    </tr>
  );
}
