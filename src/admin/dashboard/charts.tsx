/** Rate, success and latency over the last two minutes, from the differences between two pictures. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { AdminState } from "../state.ts";
import { type Totals, type History, emptyHistory, extended, totalsOf } from "./history.ts";

interface Chart {
  readonly title: string;
  readonly pick: (history: History) => readonly (number | null)[];
  readonly color: string;
  /** Of the axis; as much as the values need where it is left out. */
  readonly top?: number;
}

/** What the axis of time shows, from the first point on. */
function lastSecs(plot: uPlot): uPlot.Range.MinMax {
  const last = plot.data[0].at(-1) ?? 0;
  return [last - 120, last];
}

const charts: readonly Chart[] = [
  { title: "requests a second", pick: (history) => history.rates, color: "#2563eb" },
  { title: "success %", pick: (history) => history.successes, color: "#16a34a", top: 100 },
  { title: "p99 ms", pick: (history) => history.p99s, color: "#d97706" },
];

export function Charts({ state }: { state: AdminState }) {
  const history = useRef(emptyHistory);
  const last = useRef<Totals | undefined>(undefined);
  const totals = totalsOf(state);
  if (last.current === undefined || totals.at > last.current.at) {
    history.current = extended(history.current, last.current, totals);
    last.current = totals;
  }
  return (
    <section class="charts" aria-label="live charts">
      {charts.map((chart) => (
        <Plot key={chart.title} chart={chart} history={history.current} />
      ))}
    </section>
  );
}

function Plot({ chart, history }: { chart: Chart; history: History }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    if (!place.current) return undefined;
    const options: uPlot.Options = {
      title: chart.title,
      width: 380,
      height: 150,
      legend: { show: false },
      scales: {
        x: { range: lastSecs },
        y: { range: (_plot, _least, most) => [0, chart.top ?? Math.max(1, most * 1.1)] },
      },
      axes: [{ space: 90, values: "{HH}:{mm}:{ss}" }, { size: 60 }],
      series: [{}, { stroke: chart.color, width: 2, spanGaps: false }],
    };
    plot.current = new uPlot(options, [[], []], place.current);
    return () => plot.current?.destroy();
  }, [chart]);
  useEffect(() => {
    plot.current?.setData([[...history.times], [...chart.pick(history)]]);
  }, [history, chart]);
  return <div class="plot" ref={place} />;
}
