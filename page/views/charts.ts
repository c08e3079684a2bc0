import { formatCount, formatSize } from "../../src/base/units.ts";
import type { SnapshotInfo } from "../../src/read/snapshot_info.ts";
import { fill, h, svg } from "../dom.ts";
import type { SnapshotSet } from "../session.ts";
import { storedByRuns } from "../stored_by_runs.ts";
import { day, messageOf, when } from "../text.ts";

const WIDTH = 720;
const HEIGHT = 180;
/** Snapshots in a chart: bars thinner than a pixel show nothing. */
const BARS_MAX = 240;

interface Point {
  readonly info: SnapshotInfo;
  readonly value: number;
}

/** How a source set grew: size, what each run stored, and what that spares. */
export function chartsView(set: SnapshotSet): HTMLElement {
  const { snapshots, name } = set;
  const known = snapshots.filter(({ bytes, storedBytes }) =>
    bytes !== undefined && storedBytes !== undefined
  );
  const shown = known.slice(-BARS_MAX);
  const of = (value: (info: SnapshotInfo) => number) => shown.map((info) => ({ info, value: value(info) }));
  return h(
    "section",
    { class: "charts" },
    h("h2", {}, `How ${name} grew`),
    totals(known),
    runsChart(set),
    chart("Size of the files", of(({ bytes }) => bytes!), formatSize, "line"),
    chart(
      "Number of files",
      of(({ files }) => files ?? 0),
      formatCount,
      "line",
    ),
  );
}

/** What each run stored is not said by itself: manifests are compared. */
function runsChart(set: SnapshotSet): HTMLElement {
  const place = h(
    "div",
    {},
    h("p", { class: "hint", role: "status" }, "Reading what each run stored…"),
  );
  const shown = set.snapshots.slice(-BARS_MAX);
  storedByRuns(set, BARS_MAX).then(
    (stored) => {
      const points = shown.map((info, i) => ({ info, value: stored[i]! }));
      fill(place, [chart("Stored by each run", points, formatSize, "bars")]);
    },
    (error) =>
      fill(place, [
        h("p", { class: "problem", role: "alert" }, messageOf(error)),
      ]),
  );
  return place;
}

function totals(known: readonly SnapshotInfo[]): HTMLElement {
  const last = known.at(-1);
  const held = known.reduce((sum, { bytes }) => sum + bytes!, 0);
  const rows: [string, string][] = [
    ["Snapshots", formatCount(known.length)],
    ["Files of all of them, each by itself", formatSize(held)],
    ["Files of the newest", formatSize(last?.bytes ?? 0)],
    ["Stored for the newest", formatSize(last?.storedBytes ?? 0)],
  ];
  return h(
    "dl",
    { class: "totals" },
    ...rows.flatMap((
      [label, value],
    ) => [h("dt", {}, label), h("dd", {}, value)]),
  );
}

function chart(
  title: string,
  points: readonly Point[],
  format: (value: number) => string,
  kind: "bars" | "line",
): HTMLElement {
  if (points.length === 0) {
    return h(
      "figure",
      {},
      h("figcaption", {}, title),
      h("p", { class: "hint" }, "Nothing is known of it."),
    );
  }
  const most = Math.max(1, ...points.map(({ value }) => value));
  const drawing = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": `${title}: ${format(points.at(-1)!.value)} at last, ${format(most)} at most`,
    preserveAspectRatio: "none",
  }, ...kind === "bars" ? bars(points, most, format) : [line(points, most)]);
  return h(
    "figure",
    {},
    h("figcaption", {}, h("strong", {}, title), h("span", {}, `up to ${format(most)}`)),
    drawing,
    axis(points),
    h("details", {}, h("summary", {}, "As a table"), asTable(title, points, format)),
  );
}

/** The first day and the last. */
function axis(points: readonly Point[]): HTMLElement {
  return h(
    "div",
    { class: "axis", "aria-hidden": "true" },
    h("span", {}, day(points[0]!.info.startedAt)),
    h("span", {}, day(points.at(-1)!.info.startedAt)),
  );
}

function bars(
  points: readonly Point[],
  most: number,
  format: (value: number) => string,
): SVGElement[] {
  const step = WIDTH / points.length;
  return points.map(({ info, value }, i) => {
    const height = Math.max(1, HEIGHT * value / most);
    const bar = {
      x: i * step,
      y: HEIGHT - height,
      width: Math.max(1, step * 0.8),
      height,
      class: "column",
    };
    return svg(
      "rect",
      bar,
      svg("title", {}, `${when(info.startedAt)}: ${format(value)}`),
    );
  });
}

function line(points: readonly Point[], most: number): SVGElement {
  const x = (i: number) => points.length === 1 ? WIDTH / 2 : i * WIDTH / (points.length - 1);
  const corners = points.map(({ value }, i) =>
    `${x(i).toFixed(1)},${(HEIGHT - HEIGHT * value / most * 0.95).toFixed(1)}`
  );
  return svg("path", {
    class: "area",
    d: `M0,${HEIGHT} L${corners.join(" L")} L${WIDTH},${HEIGHT} Z`,
  });
}

function asTable(
  title: string,
  points: readonly Point[],
  format: (value: number) => string,
): HTMLElement {
  return h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "Snapshot"),
        h("th", { scope: "col", class: "number" }, title),
      ),
    ),
    h(
      "tbody",
      {},
      ...points.toReversed().map(({ info, value }) =>
        h(
          "tr",
          {},
          h("td", {}, when(info.startedAt)),
          h("td", { class: "number" }, format(value)),
        )
      ),
    ),
  );
}
