// Pairs of cells: as text, checked, drawn at random, changed, and compared. As nasnet_demo/network/notation.py,
// genotypes.py and search_space.py have it.

import { facts, Refusal } from "./facts.js";

/** @typedef {{operation: string, input: number}} Branch */
/** @typedef {{left: Branch, right: Branch}} Block */
/** @typedef {{blocks: Block[], outputs: number[]}} CellDesign hidden state 0 is the cell's input, 1 the one before it, 2 + k the sum of block k */
/** @typedef {{normal: CellDesign, reduction: CellDesign}} Pair */
/** @typedef {{name: string, kind: string, kernels: [number, number][], short: string[], words: string, colour: string, nasnet: boolean}} Operation */

const MOST_BLOCKS = 12;
const BLOCKS = 5; // of a random cell
const BRANCH = "([a-z0-9_]{1,40}):([0-9]{1,2})";
export const SIDES = /** @type {const} */ (["left", "right"]);

/**
 * @param {string} name
 * @returns {Operation}
 */
export function operationOf(name) {
    return facts().design.operations.find((/** @type {Operation} */ one) => one.name === name);
}

/**
 * @param {Pair} pair
 * @returns {string}
 */
export function writePair({ normal, reduction }) {
    return `${writeCell(normal)} / ${writeCell(reduction)}`;
}

/** @param {CellDesign} design */
function writeCell({ blocks, outputs }) {
    const rows = blocks.map(({ left, right }) => `${left.operation}:${left.input}+${right.operation}:${right.input}`);
    return `${rows.join(" ")} > ${outputs.join(" ")}`;
}

/**
 * The pair that a text describes. Throws Refusal, saying what is wrong with it.
 * @param {string} text
 * @returns {Pair}
 */
export function readPair(text) {
    const cells = text.split("/");
    if (cells.length !== 2) throw new Refusal('a genotype is a normal cell, "/" and a reduction cell');
    return { normal: readCell(cells[0]), reduction: readCell(cells[1]) };
}

/** @param {string} text */
function readCell(text) {
    const [before, ...after] = text.split(">");
    const words = (/** @type {string} */ some) => some.split(/\s+/).filter(Boolean);
    const listed = words(after.join(">"));
    if (!after.length || !listed.every((state) => /^[0-9]{1,2}$/.test(state))) {
        throw new Refusal('a cell ends with ">" and the numbers of the hidden states of its output');
    }
    const rows = words(before);
    if (rows.length < 1 || rows.length > MOST_BLOCKS) throw new Refusal(`a cell has 1 to ${MOST_BLOCKS} blocks`);
    const blocks = rows.map((row, index) => {
        const found = row.match(new RegExp(`^${BRANCH}\\+${BRANCH}$`));
        if (!found) throw new Refusal(`block ${index} does not read like identity:0+avg_pool_3x3:1`);
        return { left: { operation: found[1], input: Number(found[2]) }, right: { operation: found[3], input: Number(found[4]) } };
    });
    return checked({ blocks, outputs: listed.map(Number) });
}

/**
 * The cell itself, if it is valid. Throws Refusal.
 * @param {CellDesign} design
 */
function checked(design) {
    const { blocks, outputs } = design;
    blocks.forEach(({ left, right }, index) => {
        for (const { operation, input } of [left, right]) {
            if (!operationOf(operation)) throw new Refusal(`block ${index}: unknown operation '${operation}'`);
            if (input >= 2 + index) throw new Refusal(`block ${index}: reads hidden state ${input}, which does not exist yet`);
        }
    });
    const states = [...Array(2 + blocks.length).keys()];
    if (!outputs.length || !outputs.every((state) => states.includes(state)) || new Set(outputs).size !== outputs.length) {
        const tuple = outputs.length === 1 ? `(${outputs[0]},)` : `(${outputs.join(", ")})`;
        throw new Refusal(`outputs ${tuple} are not distinct hidden states of this cell`);
    }
    const used = usedStates(design);
    const idle = states.find((state) => state !== 1 && !used.has(state));
    if (idle !== undefined) {
        const what = idle === 0 ? "its input, hidden state 0," : `the sum of block ${idle - 2}`;
        throw new Refusal(`nothing in this cell uses ${what} and it is no output`);
    }
    return design;
}

/**
 * The hidden states that a block reads or that are part of the output.
 * @param {CellDesign} design
 */
export function usedStates({ blocks, outputs }) {
    return new Set([...outputs, ...blocks.flatMap(({ left, right }) => [left.input, right.input])]);
}

/** The sums that no block reads. @param {Block[]} blocks */
function unread(blocks) {
    const read = new Set(blocks.flatMap(({ left, right }) => [left.input, right.input]));
    return blocks.map((_, k) => k + 2).filter((state) => !read.has(state));
}

/**
 * A random cell of the search space; one that ignores the previous cell is drawn again.
 * @returns {CellDesign}
 */
export function randomCell() {
    const names = facts().design.operations.filter((/** @type {Operation} */ one) => one.nasnet);
    const among = (/** @type {number} */ count) => Math.floor(count * Math.random());
    const branch = (/** @type {number} */ k) => ({ operation: names[among(names.length)].name, input: among(k + 2) });
    for (;;) {
        const blocks = [...Array(BLOCKS).keys()].map((k) => ({ left: branch(k), right: branch(k) }));
        if (blocks.some(({ left, right }) => left.input === 0 || right.input === 0)) return checked({ blocks, outputs: unread(blocks) });
    }
}

/**
 * The cell with one branch replaced; sums that nothing reads now become outputs. Throws Refusal.
 * @param {CellDesign} parent
 * @param {number} block
 * @param {"left" | "right"} side
 * @param {Branch} branch
 */
export function mutated(parent, block, side, branch) {
    const blocks = parent.blocks.map((one, k) => (k === block ? { ...one, [side]: branch } : one));
    const before = unread(parent.blocks);
    const kept = parent.outputs.filter((state) => !before.includes(state));
    return checked({ blocks, outputs: [...new Set([...kept, ...unread(blocks)])].sort((a, b) => a - b) });
}

/**
 * The most operations on a way from an input of a cell to its output.
 * @param {CellDesign} design
 */
export function depthOf({ blocks, outputs }) {
    const passed = [0, 0];
    for (const { left, right } of blocks) passed.push(1 + Math.max(passed[left.input], passed[right.input]));
    return Math.max(...outputs.map((state) => passed[state]));
}

/**
 * How often the two cells use each operation, the most used first.
 * @param {Pair} pair
 * @returns {[string, number][]}
 */
export function census({ normal, reduction }) {
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const { left, right } of [...normal.blocks, ...reduction.blocks]) {
        for (const { operation } of [left, right]) times.set(operation, (times.get(operation) ?? 0) + 1);
    }
    return [...times].sort((a, b) => b[1] - a[1]);
}
