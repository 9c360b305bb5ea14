// Where the parts of a cell go: blocks in levels, each above the blocks it reads. As nasnet_demo/diagrams/layout.py.

import { SIDES } from "./genotype.js";

/** @import {CellDesign} from "./genotype.js" */

/** @typedef {{kind: "input" | "block" | "lane", state: number}} Item what takes up room on a level */
/** @typedef {[Item, Item, number]} Line from which item, to which, and where at that one, as an offset in x */
/** @typedef {Map<Item, number>} Places the x of every item's centre */

export const OPERATION_WIDTH = 78;
export const BLOCK_WIDTH = 2 * OPERATION_WIDTH + 6;
export const INPUT_WIDTH = 150;
const LANE_WIDTH = 26;
const GAP = 22;
const SWEEPS = 8;

export class Layout {
    /**
     * @param {Item[][]} levels from the inputs up
     * @param {Places} x
     * @param {number} width of the whole drawing
     */
    constructor(levels, x, width) {
        this.levels = levels;
        this.x = x;
        this.width = width;
    }

    /**
     * The item of a state that is no lane, and the level it is on.
     * @param {number} state
     * @returns {{level: number, x: number}}
     */
    made(state) {
        const level = this.levels.findIndex((items) => items.some((item) => item.state === state && item.kind !== "lane"));
        const item = this.levels[level].find((one) => one.state === state && one.kind !== "lane");
        return { level, x: this.x.get(/** @type {Item} */ (item)) ?? 0 };
    }

    /**
     * Level and x of the state itself and of its lanes below `level`, from the state up.
     * @param {number} state
     * @param {number} level
     * @returns {[number, number][]}
     */
    route(state, level) {
        return this.levels.slice(0, level).flatMap((items, n) =>
            items.filter((item) => item.state === state).map((item) => /** @type {[number, number]} */ ([n, this.x.get(item) ?? 0])));
    }
}

/**
 * Places for the parts of a cell.
 * @param {CellDesign} design
 * @returns {Layout}
 */
export function arrange(design) {
    const levels = levelsOf(design);
    const lines = levels.slice(1).map((_, n) => linesBetween(design, levels, n));
    let best = { tangles: Infinity, levels };
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
        const tangles = tanglesOf(levels, lines);
        if (tangles < best.tangles) best = { tangles, levels: levels.map((items) => [...items]) };
        reorder(levels, lines, placesFor(levels, lines), sweep % 2 === 0);
    }
    untangle(best.levels, lines);
    const x = placesFor(best.levels, lines, 60);
    const items = best.levels.flat();
    const at = (/** @type {Item} */ item) => x.get(item) ?? 0;
    const left = Math.min(...items.map((item) => at(item) - widthOf(item) / 2));
    const right = Math.max(...items.map((item) => at(item) + widthOf(item) / 2));
    return new Layout(best.levels, new Map(items.map((item) => [item, at(item) - left])), right - left);
}

/** @param {CellDesign} design */
function levelsOf({ blocks, outputs }) {
    const made = [0, 0]; // the level on which each state is made
    for (const { left, right } of blocks) made.push(1 + Math.max(made[left.input], made[right.input]));
    const highest = 1 + Math.max(...made);
    const read = [...made]; // the highest level on which it is read
    blocks.forEach(({ left, right }, k) => {
        for (const { input } of [left, right]) read[input] = Math.max(read[input], made[k + 2]);
    });
    for (const state of outputs) read[state] = highest;
    /** @type {Item[][]} */
    const levels = [[{ kind: "input", state: 0 }, { kind: "input", state: 1 }]];
    const states = [...made.keys()];
    for (let n = 1; n < highest; n++) {
        const lanes = states.filter((state) => made[state] < n && n < read[state]).map((state) => /** @type {Item} */ ({ kind: "lane", state }));
        levels.push([...lanes, ...states.filter((state) => made[state] === n).map((state) => /** @type {Item} */ ({ kind: "block", state }))]);
    }
    return levels;
}

/**
 * The lines between level n and the next.
 * @param {CellDesign} design
 * @param {Item[][]} levels
 * @param {number} n
 * @returns {Line[]}
 */
function linesBetween({ blocks }, levels, n) {
    const sources = new Map(levels[n].map((item) => [item.state, item]));
    return levels[n + 1].flatMap((item) => {
        const own = sources.get(item.state);
        if (item.kind === "lane") return own ? [/** @type {Line} */ ([own, item, 0])] : [];
        return SIDES.flatMap((side, i) => {
            const source = sources.get(blocks[item.state - 2][side].input);
            return source ? [/** @type {Line} */ ([source, item, ((2 * i - 1) * BLOCK_WIDTH) / 4])] : [];
        });
    });
}

/**
 * The number of crossings if the items stood far apart in their order.
 * @param {Item[][]} levels
 * @param {Line[][]} lines
 */
function tanglesOf(levels, lines) {
    const x = new Map(levels.flatMap((items) => items.map((item, k) => [item, 4 * BLOCK_WIDTH * k])));
    let crossings = 0;
    for (const pairs of lines) {
        const ends = pairs.map(([source, target, port]) => [x.get(source) ?? 0, (x.get(target) ?? 0) + port]);
        ends.forEach(([a, b], i) => { for (const [c, d] of ends.slice(0, i)) crossings += Number((a - c) * (b - d) < 0); });
    }
    return crossings;
}

/**
 * Sorts every level by the mean x of what its items are linked to on the level below (or, downwards, above).
 * @param {Item[][]} levels
 * @param {Line[][]} lines
 * @param {Places} x
 * @param {boolean} upwards
 */
function reorder(levels, lines, x, upwards) {
    const order = [...levels.keys()].slice(upwards ? 1 : 0, upwards ? undefined : -1);
    for (const n of upwards ? order : order.reverse()) {
        if (!upwards && n === 0) continue;
        const pulls = pullsOn(upwards ? lines[n - 1] : lines[n], x, upwards);
        const wanted = new Map(levels[n].map((item) => [item, meanOf(pulls.get(item) ?? [x.get(item) ?? 0])]));
        levels[n].sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    }
}

/**
 * Swaps neighbours on a level as long as that removes crossings.
 * @param {Item[][]} levels
 * @param {Line[][]} lines
 */
function untangle(levels, lines) {
    let fewest = tanglesOf(levels, lines);
    for (let better = true; better;) {
        better = false;
        for (const items of levels) {
            for (let k = 0; k < items.length - 1; k++) {
                [items[k], items[k + 1]] = [items[k + 1], items[k]];
                const tangles = tanglesOf(levels, lines);
                if (tangles < fewest) [fewest, better] = [tangles, true];
                else [items[k], items[k + 1]] = [items[k + 1], items[k]];
            }
        }
    }
}

/**
 * The x at which each link of an item to the level below (upwards) or above would be a straight line.
 * @param {Line[]} lines
 * @param {Places} x
 * @param {boolean} upwards
 * @returns {Map<Item, number[]>}
 */
function pullsOn(lines, x, upwards) {
    /** @type {Map<Item, number[]>} */
    const pulls = new Map();
    for (const [source, target, port] of lines) {
        const [item, at] = upwards ? [target, (x.get(source) ?? 0) - port] : [source, (x.get(target) ?? 0) + port];
        pulls.set(item, [...(pulls.get(item) ?? []), at]);
    }
    return pulls;
}

/**
 * Centres of all items: in order, apart, and as near as possible to the mean of what they are linked to.
 * @param {Item[][]} levels
 * @param {Line[][]} lines
 * @param {number} [passes]
 * @returns {Places}
 */
function placesFor(levels, lines, passes = SWEEPS) {
    /** @type {Places} */
    const x = new Map(levels.flatMap((items) => items.map((item, k) => [item, 100 * k])));
    for (let pass = 0; pass < passes; pass++) {
        levels.forEach((items, n) => {
            const below = n ? pullsOn(lines[n - 1], x, true) : new Map();
            const above = n < lines.length ? pullsOn(lines[n], x, false) : new Map();
            const wanted = items.map((item) => {
                const pulls = [...(below.get(item) ?? []), ...(above.get(item) ?? [])];
                return meanOf(pulls.length ? pulls : [x.get(item) ?? 0]);
            });
            spread(wanted, items.map(widthOf)).forEach((at, k) => x.set(items[k], at));
        });
    }
    return x;
}

/**
 * The centres nearest to `wanted`, in least squares, that keep the order and do not overlap: isotonic regression by pooling
 * adjacent violators.
 * @param {number[]} wanted
 * @param {number[]} widths
 */
function spread(wanted, widths) {
    const offsets = [0];
    widths.slice(1).forEach((width, k) => offsets.push(offsets[k] + (widths[k] + width) / 2 + GAP));
    /** @type {number[][]} */
    const pools = [];
    wanted.forEach((want, k) => {
        pools.push([want - offsets[k]]);
        while (pools.length > 1 && meanOf(pools[pools.length - 2]) > meanOf(pools[pools.length - 1])) {
            const last = /** @type {number[]} */ (pools.pop());
            pools.push([.../** @type {number[]} */ (pools.pop()), ...last]);
        }
    });
    return pools.flatMap((pool) => pool.map(() => meanOf(pool))).map((at, k) => at + offsets[k]);
}

/** @param {Item} item */
function widthOf({ kind }) {
    return { input: INPUT_WIDTH, block: BLOCK_WIDTH, lane: LANE_WIDTH }[kind];
}

/** @param {number[]} values */
function meanOf(values) {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}
