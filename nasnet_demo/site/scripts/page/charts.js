// Line charts as SVG: nasnet_demo/ui/charts.py in the browser. Lines differ in colour, dashes and markers.

/** @typedef {{name: string, values: number[], place: number | null, low?: number[], high?: number[], shade?: number}} ChartLine a line without a place is a control, in grey */

const [CHART_WIDTH, CHART_HEIGHT] = [500, 260];
const [CHART_LEFT, CHART_RIGHT, CHART_TOP, CHART_BOTTOM] = [66, 12, 14, 52]; // margins
const [PLOT_WIDTH, PLOT_HEIGHT] = [CHART_WIDTH - CHART_LEFT - CHART_RIGHT, CHART_HEIGHT - CHART_TOP - CHART_BOTTOM];
const LINE_DASHES = ["", "12 5", "3 4", "12 4 3 4", "20 5"];
const CONTROL_DASHES = ["2 5", "7 3 2 3", "1 3"];
const MARKERS = ["M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0", "M-4.5 -4.5h9v9h-9z", "M0 -6l5.5 10h-11z", "M0 -6.5l5.5 6.5l-5.5 6.5l-5.5 -6.5z"];
const MARKED = 6; // markers a line

/**
 * A figure, as HTML; all words in it are ours.
 * @param {ChartLine[]} lines
 * @param {string} title
 * @param {string} label of the x axis
 * @param {string[]} ticks points of the x axis from its first to its last
 * @param {number} highest of the y axis
 */
export function chart(lines, title, label, ticks, highest) {
    const step = PLOT_WIDTH / (lines[0].values.length - 1);
    const hair = `<line class='hair' x1='${CHART_LEFT}' x2='${CHART_LEFT}' y1='${CHART_TOP}' y2='${CHART_TOP + PLOT_HEIGHT}' style='--width:${step.toFixed(3)}px'/>`;
    const at = (/** @type {number} */ value) => CHART_TOP + (PLOT_HEIGHT * (highest - Math.min(Math.max(value, 0), highest))) / highest;
    const points = (/** @type {number[]} */ values) => values.map((value, k) => [CHART_LEFT + (PLOT_WIDTH * k) / (values.length - 1), at(value)]);
    const drawn = lines.map((line) => bandOf(line, points)).join("") + lines.map((line) => lineOf(line, points)).join("");
    const legends = lines.map((line) => `<li>${sampleOf(line)} ${line.name}</li>`).join("");
    return `<figure class='chart'><figcaption>${title}</figcaption><svg viewBox='0 0 ${CHART_WIDTH} ${CHART_HEIGHT}' role='img' aria-label='${title}'>${axes(label, ticks, highest, at)}${drawn}${hair}</svg><ul>${legends}</ul></figure>`;
}

/**
 * @param {string} label
 * @param {string[]} ticks
 * @param {number} highest
 * @param {(value: number) => number} at
 */
function axes(label, ticks, highest, at) {
    const step = [0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1].find((one) => highest / one <= 5 + 1e-9) ?? 1;
    const rows = [...Array(Math.floor(highest / step + 1e-9) + 1).keys()].map((k) => {
        const y = at(k * step);
        return `<line class='grid' x1='${CHART_LEFT}' x2='${CHART_WIDTH - CHART_RIGHT}' y1='${y.toFixed(1)}' y2='${y.toFixed(1)}'/><text x='${CHART_LEFT - 7}' y='${(y + 5).toFixed(1)}' text-anchor='end'>${Math.round(100 * k * step)}%</text>`;
    });
    const columns = ticks.map((tick, k) => {
        const anchor = k === 0 ? "start" : k === ticks.length - 1 ? "end" : "middle";
        return `<text x='${(CHART_LEFT + (PLOT_WIDTH * k) / (ticks.length - 1)).toFixed(1)}' y='${CHART_HEIGHT - CHART_BOTTOM + 21}' text-anchor='${anchor}'>${tick}</text>`;
    });
    return `${rows.join("")}${columns.join("")}<text x='${CHART_LEFT + PLOT_WIDTH / 2}' y='${CHART_HEIGHT - 6}' text-anchor='middle'>${label}</text>`;
}

/** @param {ChartLine} line @param {(values: number[]) => number[][]} points */
function lineOf(line, points) {
    const found = points(line.values);
    const path = `<polyline class='${looks(line)}' points='${joinPoints(found)}' stroke-dasharray='${dashOf(line)}'/>`;
    if (line.place === null) return path;
    // Markers of different lines stand at different points, so that both of two equal lines can be seen.
    const every = Math.max(1, Math.floor(found.length / MARKED));
    const marks = found.filter((_, k) => k >= (line.place ?? 0) % 3 && (k - ((line.place ?? 0) % 3)) % every === 0);
    const shapes = marks.map(([x, y]) => `<path d='${markerOf(line)}' transform='translate(${x.toFixed(1)} ${y.toFixed(1)})'/>`).join("");
    return `${path}<g class='${looks(line)} marks'>${shapes}</g>`;
}

/** @param {ChartLine} line @param {(values: number[]) => number[][]} points */
function bandOf({ low, high }, points) {
    return low && high ? `<polygon class='band' points='${joinPoints([...points(low), ...points(high).reverse()])}'/>` : "";
}

/** @param {ChartLine} line */
function sampleOf(line) {
    const mark = line.place === null ? "" : `<g class='${looks(line)} marks'><path d='${markerOf(line)}' transform='translate(22 8)'/></g>`;
    return `<svg class='sample' viewBox='0 0 44 16' aria-hidden='true'><polyline class='${looks(line)}' points='0,8 44,8' stroke-dasharray='${dashOf(line)}'/>${mark}</svg>`;
}

/** @param {ChartLine} line */
function looks({ place }) {
    return place === null ? "line control" : `line line-${place % 6}`;
}

/** @param {ChartLine} line */
function dashOf({ place, shade = 0 }) {
    return place === null ? CONTROL_DASHES[shade % 3] : LINE_DASHES[place % LINE_DASHES.length];
}

/** @param {ChartLine} line */
function markerOf({ place }) {
    return MARKERS[(place ?? 0) % MARKERS.length];
}

/** @param {number[][]} points */
function joinPoints(points) {
    return points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}
