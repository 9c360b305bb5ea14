// The drawing of any cell, as SVG: nasnet_demo/diagrams/cell.py and svg.py in the browser, for cells that Python has not seen.

import { operationOf, SIDES, usedStates } from "./genotype.js";
import { arrange, BLOCK_WIDTH, INPUT_WIDTH, OPERATION_WIDTH } from "./layout.js";

/** @import {CellDesign, Block, Branch} from "./genotype.js" */
/** @typedef {[number, number]} Point */

const MARGIN = 14;
const END_HEIGHT = 44; // of an input and of the output
const SUM = 34; // diameter
const ROOM = 54; // between two levels, for the lines
const OPERATION = 50; // height
const LEVEL = OPERATION + SUM + 46; // height of a block
const [INK, PAPER] = ["#111111", "#ffffff"];
const SOURCES = ["the previous cell", "the cell before it"];
const SVG_FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif";

/**
 * A cell as the text of an SVG element. Ids begin with `name`; title and name are ours, and so is all that stands in it.
 * @param {CellDesign} design
 * @param {string} title
 * @param {string} name
 * @returns {string}
 */
export function drawDesign(design, title, name) {
    const layout = arrange(design);
    const topLevel = layout.levels.length;
    const width = Math.max(layout.width, 260) + 2 * MARGIN;
    const shift = (width - layout.width) / 2;
    const height = 2 * MARGIN + 2 * END_HEIGHT + (topLevel - 1) * (LEVEL + ROOM) + ROOM;
    const foot = (/** @type {number} */ level) => height - MARGIN - (level ? END_HEIGHT + ROOM + (level - 1) * (LEVEL + ROOM) : 0);
    const head = (/** @type {number} */ level) => foot(level) - (level ? LEVEL : END_HEIGHT);

    /**
     * The line from a state, through its lanes, to a point on a higher level.
     * @param {number} state
     * @param {number} level
     * @param {Point} end
     */
    const lineTo = (state, level, end) => {
        const [[start, x], ...lanes] = layout.route(state, level);
        /** @type {Point[]} */
        const points = [[shift + x, head(start) + (start ? 6 : 0)]];
        for (const [passed, lane] of lanes) points.push([shift + lane, foot(passed)], [shift + lane, head(passed)]);
        return arrow([...points, end]);
    };
    const input = (/** @type {number} */ state) => {
        const [x, y] = [shift + layout.made(state).x, foot(0) - END_HEIGHT / 2];
        const used = usedStates(design).has(state);
        const shapes = box(x, y, INPUT_WIDTH, END_HEIGHT, PAPER, END_HEIGHT / 2) + words(x, y - 9, stateName(state), 17, INK, true)
            + words(x, y + 10, used ? SOURCES[state] : "not used", 13, INK);
        return group(shapes, `${stateName(state)}: the output of ${SOURCES[state]}${used ? "" : ", not used"}`, `${name}-state-${state}`, "state", { state });
    };
    /**
     * @param {string} key
     * @param {Branch} branch
     * @param {number} x
     * @param {number} level
     * @param {Point} total
     */
    const drawBranch = (key, { operation, input: source }, x, level, total) => {
        const known = operationOf(operation);
        const bottom = foot(level) - 10;
        const [upper, middle] = [bottom - OPERATION, bottom - OPERATION / 2];
        const first = middle - (19 * (known.short.length - 1)) / 2;
        const shapes = lineTo(source, level, [x, bottom])
            + arrow([[x, upper], [total[0] + (x - total[0]) * 0.18, total[1] + SUM / 2 - 1]])
            + box(x, middle, OPERATION_WIDTH, OPERATION, known.colour)
            + known.short.map((line, k) => words(x, first + k * 19, line, 16, INK)).join("");
        const [block, side] = key.split(":");
        const title_ = `block ${key.replace(":", ", ")}: ${known.words} of ${stateName(source)}`;
        return group(shapes, title_, `${name}-${block}-${side}`, "branch", { branch: key, block, operation, input: source });
    };
    const drawBlock = (/** @type {Block} */ block, /** @type {number} */ index) => {
        const state = index + 2;
        const { level, x: at } = layout.made(state);
        const x = shift + at;
        const y = head(level) + 8 + SUM / 2;
        const branches = SIDES.map((side, i) => drawBranch(`${index}:${side}`, block[side], x + ((2 * i - 1) * BLOCK_WIDTH) / 4, level, [x, y])).join("");
        const circle = box(x, y, SUM, SUM, PAPER, SUM / 2) + words(x, y, "+", 22, INK);
        const shapes = box(x, (foot(level) + head(level)) / 2, BLOCK_WIDTH + 10, LEVEL, "none", 12, true)
            + words(x - BLOCK_WIDTH / 2 + 26, y - 6, `block ${index}`, 13, "currentColor", false, true)
            + branches
            + group(circle, `${stateName(state)}: the sum that block ${index} makes`, `${name}-state-${state}`, "state", { state })
            + words(x + SUM / 2 + 16, y, stateName(state), 17, "currentColor", true);
        return group(shapes, "", `${name}-block-${index}`, "block", { block: index });
    };
    const output = () => {
        const { outputs } = design;
        const [wide, y] = [34 * outputs.length + 130, MARGIN + END_HEIGHT / 2];
        const above = new Map(outputs.map((state) => [state, shift + (layout.route(state, topLevel).at(-1)?.[1] ?? 0)]));
        const ends = [...outputs].sort((a, b) => (above.get(a) ?? 0) - (above.get(b) ?? 0));
        const room = MARGIN + wide / 2;
        const mean = [...above.values()].reduce((sum, x) => sum + x, 0) / above.size;
        const x = Math.min(Math.max(mean, room), width - room);
        const step = Math.min(34, (wide - 60) / ends.length);
        const edges = ends.map((state, k) => group(
            lineTo(state, topLevel, [x + (k - (ends.length - 1) / 2) * step, MARGIN + END_HEIGHT]),
            `${stateName(state)} is part of the cell's output`, `${name}-output-${state}`, "edge", { output: state },
        )).join("");
        const listed = outputs.map(stateName).join(" ");
        const shapes = edges + box(x, y, wide, END_HEIGHT, PAPER, END_HEIGHT / 2) + words(x, y - 9, "cell output", 16, INK, true)
            + words(x, y + 10, `concatenates ${listed}`, 13, INK);
        return group(shapes, `The cell's output: ${listed} side by side`, `${name}-output`, "output", {});
    };

    const own = `${short(width)}px`;
    const style = `--width:${own};display:block;width:var(--shown,100%);max-width:var(--widest,calc(1.25*${own}));height:auto;margin:0 auto`;
    const body = input(0) + input(1) + design.blocks.map(drawBlock).join("") + output();
    return `<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="group" aria-label="${title}" viewBox="0 0 ${short(width)} ${short(height)}" font-family="${SVG_FONT}" style="${style}"><title>${title}</title>${body}</svg>`;
}

/** @param {number} state */
export function stateName(state) {
    return `h${[...String(state)].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join("")}`;
}

/**
 * One decimal, if it is not 0; halves go to the even one, as in Python.
 * @param {number} value
 */
function short(value) {
    const tenths = value * 10;
    const down = Math.floor(tenths);
    const rounded = tenths - down === 0.5 ? down + (down % 2 ? 1 : 0) : null;
    return (rounded === null ? value.toFixed(1) : (rounded / 10).toFixed(1)).replace(/\.0$/, "");
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {number} size
 * @param {string} colour
 * @param {boolean} [bold]
 * @param {boolean} [faint]
 */
function words(x, y, text, size, colour, bold = false, faint = false) {
    return `<text x="${short(x)}" y="${short(y)}" dy="0.36em" text-anchor="middle" font-size="${size}" fill="${colour}"${bold ? ' font-weight="bold"' : ""}${faint ? ' opacity="0.6"' : ""}>${text}</text>`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} wide
 * @param {number} high
 * @param {string} fill
 * @param {number} [radius]
 * @param {boolean} [faint]
 */
function box(x, y, wide, high, fill, radius = 6, faint = false) {
    return `<rect x="${short(x - wide / 2)}" y="${short(y - high / 2)}" width="${short(wide)}" height="${short(high)}" rx="${radius}" fill="${fill}" stroke="currentColor" stroke-width="${faint ? 1 : 1.5}"${faint ? ' opacity="0.6"' : ""}/>`;
}

/** A line through points: straight up where x stays the same, else an S. @param {Point[]} points */
function arrow(points) {
    let path = `M${points[0].map(short).join(" ")}`;
    points.slice(1).forEach((end, k) => {
        const start = points[k];
        const middle = (start[1] + end[1]) / 2;
        const bends = /** @type {Point[]} */ ([[start[0], middle], [end[0], middle], end]);
        path += start[0] === end[0] ? `V${short(end[1])}` : `C${bends.map((point) => point.map(short).join(" ")).join(" ")}`;
    });
    const tip = /** @type {Point} */ (points.at(-1)).map(short).join(" ");
    return `<path d="${path}" fill="none" stroke="currentColor" stroke-width="1.75"/><path d="M${tip}l-4.5 9h9z" fill="currentColor"/>`;
}

/**
 * @param {string} shapes
 * @param {string} title
 * @param {string} id
 * @param {string} kind
 * @param {Record<string, string | number>} values
 */
function group(shapes, title, id, kind, values) {
    const told = Object.entries(values).map(([key, value]) => ` data-${key}="${value}"`).join("");
    return `<g id="${id}" class="${kind}"${told}>${title ? `<title>${title}</title>` : ""}${shapes}</g>`;
}
