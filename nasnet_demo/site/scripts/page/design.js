// The tab "Design a cell": random cells, changes by hand, what they cost, and published cells beside them.

import { census, depthOf, mutated, operationOf, randomCell, readPair, SIDES, writePair } from "./genotype.js";
import { costOf } from "./costs.js";
import { drawDesign, stateName } from "./design_drawing.js";
import { field, one, piece, put } from "./elements.js";
import { facts, Refusal } from "./facts.js";
import { show, shown, whenever } from "./shown.js";
import { build, ours } from "./templates.js";

/** @import {CellDesign, Pair} from "./genotype.js" */
/** @typedef {{cost: [number, number], depths: [number, number], operations: [string, number][], separable: number}} Traits */
/** @typedef {{text: string, paper: string, source: string, note: string, papers: string, traits: Traits}} Published */

const KINDS_OF_CELLS = /** @type {const} */ ({ "Normal cell": "normal", "Reduction cell": "reduction" });
const YOURS = "Your cells";
const FIRST_BRANCH = "0:left";

/** What can be undone, and what was: pairs as text, the next one last. @type {{past: string[], future: string[]}} */
const steps = { past: [], future: [] };
let moving = false;
let before = "";

export function startDesign() {
    before = shown.genotype;
    whenever(["genotype"], () => {
        if (!moving) [steps.past, steps.future] = [[...steps.past, before], []];
        before = shown.genotype;
        drawTab();
    });
    whenever(["tab"], drawTab);
    one("#search-kind").addEventListener("change", drawTab);
    one("#search-branch").addEventListener("change", drawTab);
    for (const selector of ["#search-operation", "#search-reads"]) one(selector).addEventListener("change", changeBranch);
    one("#search-random").addEventListener("click", () => change({ ...pairShown(), [kindShown()]: randomCell() }));
    one("#search-start").addEventListener("change", () => show({ genotype: published(field("#search-start").value).text }));
    one("#search-text").addEventListener("change", readText);
    one("#search-undo").addEventListener("click", () => move(steps.past, steps.future));
    one("#search-redo").addEventListener("click", () => move(steps.future, steps.past));
    one("#search-drawing").addEventListener("click", (event) => {
        const part = /** @type {Element} */ (event.target).closest(".branch");
        if (!(part instanceof SVGElement)) return;
        field("#search-branch").value = part.dataset.branch ?? "";
        drawTab();
    });
    for (const selector of ["#zoo-kind", "#zoo-left-name", "#zoo-right-name"]) one(selector).addEventListener("change", drawBeside);
}

/** @param {string} name @returns {Published} */
function published(name) {
    return facts().design.published[name];
}

function pairShown() {
    return readPair(shown.genotype);
}

/** @returns {"normal" | "reduction"} */
function kindShown() {
    return KINDS_OF_CELLS[/** @type {keyof typeof KINDS_OF_CELLS} */ (field("#search-kind input:checked").value)];
}

/** @param {Pair} pair */
function change(pair) {
    show({ genotype: writePair(pair) });
}

/**
 * Undo or redo.
 * @param {string[]} from
 * @param {string[]} to
 */
function move(from, to) {
    const text = from.pop();
    if (text === undefined) return;
    to.push(shown.genotype);
    turnTo(shown.genotype, text);
    moving = true;
    show({ genotype: text });
    moving = false;
    drawTab();
}

/**
 * The cell that differs is shown, if only one does.
 * @param {string} before
 * @param {string} after
 */
function turnTo(before, after) {
    const [was, is] = [readPair(before), readPair(after)].map((pair) => [pair.normal, pair.reduction].map((cell) => JSON.stringify(cell)));
    const at = kindShown() === "normal" ? 0 : 1;
    if (was[at] !== is[at] || was[1 - at] === is[1 - at]) return;
    field(`#search-kind input[value="${Object.keys(KINDS_OF_CELLS)[1 - at]}"]`).checked = true;
}

/** The pair that was typed, if it is valid. */
function readText() {
    try {
        change(readPair(field("#search-text").value));
        put("#search-verdict", piece("search", "verdict", ""));
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        put("#search-verdict", piece("search", "verdict", error.message));
    }
}

/** One operation, or what it reads, was changed. */
function changeBranch() {
    const pair = pairShown();
    const [block, side] = field("#search-branch").value.split(":");
    const branch = { operation: field("#search-operation").value, input: Number(field("#search-reads").value) };
    try {
        change({ ...pair, [kindShown()]: mutated(pair[kindShown()], Number(block), /** @type {"left" | "right"} */ (side), branch) });
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        put("#search-verdict", piece("search", "verdict", error.message));
    }
}

/** Everything of this tab, from the pair that is shown. */
function drawTab() {
    if (shown.tab !== "search") return;
    const pair = pairShown();
    const kind = kindShown();
    const design = pair[kind];
    const keys = design.blocks.flatMap((_, k) => SIDES.map((side) => `${k}:${side}`));
    const asked = field("#search-branch").value;
    const key = keys.includes(asked) ? asked : FIRST_BRANCH;
    const [block, side] = key.split(":");
    const branch = design.blocks[Number(block)][/** @type {"left" | "right"} */ (side)];
    choices("#search-branch", keys.map((name) => [name, `block ${name.replace(":", ", ")}`]), key);
    field("#search-operation").value = branch.operation;
    const states = ["the output of the previous cell", "the output of the cell before it", ...design.blocks.slice(0, Number(block)).map((_, k) => `the sum of block ${k}`)];
    choices("#search-reads", states.map((what, state) => [String(state), `${stateName(state)}: ${what}`]), String(branch.input));
    field("#search-text").value = shown.genotype;
    const found = Object.entries(facts().design.published).find(([, { text }]) => text === shown.genotype);
    field("#search-start").value = found?.[0] ?? "";
    /** @type {HTMLButtonElement} */ (one("#search-undo")).disabled = !steps.past.length;
    /** @type {HTMLButtonElement} */ (one("#search-redo")).disabled = !steps.future.length;
    drawInto("#search-drawing .zoomable", design, `Your ${kind} cell`, "search", key);
    put("#search-verdict", piece("search", "verdict", ""));
    const mine = traitsOf(pair);
    const rival = facts().design.rival;
    const theirs = published(rival).traits;
    const costs = ["parameters", "multiply-adds"].map((what, i) => [what, numberOf(mine.cost[i]), mine.cost[i] / theirs.cost[i]]);
    put("#search-costs", piece("search", "judged", rival, costs, mine.depths));
    put("#search-compared", comparison(mine));
    drawBeside();
}

/**
 * @param {string} selector
 * @param {CellDesign} design
 * @param {string} title
 * @param {string} name
 * @param {string} [key] the branch to outline
 */
function drawInto(selector, design, title, name, key = "") {
    const made = build(ours(drawDesign(design, title, name)));
    const box = key && made.querySelector(`[data-branch="${key}"] > rect`);
    if (box) box.setAttribute("style", "stroke:var(--accent);stroke-width:5");
    one(selector).replaceChildren(made);
}

/**
 * @param {string} selector
 * @param {string[][]} options value and words
 * @param {string} value
 */
function choices(selector, options, value) {
    one(selector).replaceChildren(...options.map(([of, text]) => Object.assign(document.createElement("option"), { value: of, textContent: text })));
    field(selector).value = value;
}

/** Two pairs side by side. */
function drawBeside() {
    const kind = KINDS_OF_CELLS[/** @type {keyof typeof KINDS_OF_CELLS} */ (field("#zoo-kind input:checked").value)];
    for (const place of ["left", "right"]) {
        const name = field(`#zoo-${place}-name`).value;
        const pair = name === YOURS ? pairShown() : readPair(published(name).text);
        drawInto(`#zoo-${place} .zoomable`, pair[kind], `${name}, ${kind} cell`, `zoo-${place}`);
        const { paper, source, note } = name === YOURS ? { paper: "", source: "", note: "" } : published(name);
        put(`#zoo-${place} .about`, name === YOURS ? null : piece("search", "about", { paper, source, note }));
    }
}

/** @param {Pair} pair @returns {Traits} */
function traitsOf(pair) {
    const operations = census(pair);
    const sum = (/** @type {[string, number][]} */ rows) => rows.reduce((all, [, times]) => all + times, 0);
    return {
        cost: costOf(pair),
        depths: [depthOf(pair.normal), depthOf(pair.reduction)],
        operations,
        separable: sum(operations.filter(([name]) => name.startsWith("separable"))) / sum(operations),
    };
}

/**
 * How the visitor's cells compare with the published ones.
 * @param {Traits} mine
 */
function comparison(mine) {
    /** @type {[string, Published][]} */
    const all = Object.entries(facts().design.published);
    const others = all.map(([, { traits }]) => traits);
    const span = (/** @type {number[]} */ values) => [Math.min(...values), Math.max(...values)];
    const used = new Set(others.flatMap(({ operations }) => operations.map(([name]) => name)));
    const told = {
        pairs: others.length,
        cheaper: others.filter(({ cost }) => mine.cost[0] < cost[0]).length,
        dearer: others.filter(({ cost }) => mine.cost[0] > cost[0]).length,
        depths: ["normal", "reduction"].map((kind, i) => [kind, mine.depths[i], ...span(others.map(({ depths }) => depths[i]))]),
        separable: [mine.separable, ...span(others.map(({ separable }) => separable))],
        unheard: mine.operations.filter(([name]) => !used.has(name)).map(([name]) => operationOf(name).short.join(" ")),
    };
    const row = (/** @type {string} */ name, /** @type {Traits} */ traits, paper = "", note = "") => ({
        name, paper, note, depths: traits.depths, costs: traits.cost.map(numberOf),
        used: traits.operations.map(([of, times]) => `${times} ${operationOf(of).short.join(" ")}`).join(", "),
    });
    const rows = [row(YOURS, mine), ...all.map(([name, { traits, papers, note }]) => row(name, traits, papers, note))];
    return piece("search", "comparison", told, rows, facts().design.leftOut);
}

/** A number, exact and in three figures, such as 8.78k or 564M. @param {number} number */
function numberOf(number) {
    const found = /** @type {[number, string][]} */ ([[1e9, "G"], [1e6, "M"], [1e3, "k"]]).find(([size]) => number >= size * 0.9995);
    return [number, found ? `${Number((number / found[0]).toPrecision(3))}${found[1]}` : String(number)];
}
