/** Where requests go: bound names with their shares, and their addresses a page at a time. */
import { useState } from "preact/hooks";
import type { ExplainAnswer } from "../../naming/explanation.ts";
import { percent, serviceText } from "./explained-text.ts";

const PAGE = 50;

export function Chosen({ answer }: { readonly answer: ExplainAnswer }) {
  const { chosen, services, live, at } = answer;
  if (chosen.length === 0) return null;
  return (
    <table class="chosen">
      <caption>requests go to</caption>
      <thead>
        <tr>
          <th scope="col">share</th>
          <th scope="col">bound name</th>
          <th scope="col">what is known of it</th>
          <th scope="col">addresses</th>
        </tr>
      </thead>
      <tbody>
        {chosen.map(({ id, residual, share }) => {
          const service = services[id];
          const shut = new Map(live?.closed.filter((each) => each.id === id).map((each) => [each.address, each]));
          return (
            <tr key={`${id} ${residual}`}>
              <td>{percent(share)}</td>
              <td>
                <code>{id}</code>
                {residual !== "/" && <small> residual {residual}</small>}
              </td>
              <td>
                {service && (
                  <>
                    <span class={`state ${service.state}`}>{service.state}</span> {serviceText(service, at)}
                  </>
                )}
              </td>
              <td>
                <Addresses
                  all={(service?.addresses ?? []).map(({ address, weight }) => {
                    const closed = shut.get(address);
                    const about =
                      closed === undefined ? "" : ` ${closed.status}${closed.reason && `: ${closed.reason}`}`;
                    return `${address}${weight === 1 ? "" : ` weight ${weight}`}${about}`;
                  })}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Addresses({ all }: { readonly all: readonly string[] }) {
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <ul class="addresses">
        {all.slice(0, shown).map((address) => (
          <li key={address}>
            <code>{address}</code>
          </li>
        ))}
      </ul>
      {all.length > shown && (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          {shown} of {all.length} addresses are shown: show more
        </button>
      )}
    </>
  );
}
