/** The namers and what they watch. */
import type { NamerState } from "../state.ts";

export function Namers({ namers }: { namers: readonly NamerState[] }) {
  return (
    <section aria-label="namers">
      <h2>namers</h2>
      {namers.map((namer) => (
        <table key={namer.prefix}>
          <caption>
            <code>{namer.prefix}</code> <small>{namer.kind}</small>
          </caption>
          <thead>
            <tr>
              <th>name</th>
              <th>state</th>
              <th>endpoints</th>
              <th>since</th>
              <th>cause</th>
            </tr>
          </thead>
          <tbody>
            {namer.watches.map((watch) => (
              <tr key={watch.name} class={watch.state}>
                <td>
                  <code>{watch.name}</code>
                </td>
                <td>{watch.state}</td>
                <td>{watch.endpoints}</td>
                <td>{watch.since && new Date(watch.since).toLocaleTimeString()}</td>
                <td>{watch.cause}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  );
}
