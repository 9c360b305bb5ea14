// The Cells tab: the whole network for the picture in question, an open cell, and the answer without parts of it.

import { softmax, top } from "../answers.js";
import { data } from "../assets.js";
import { isOff, select, switched } from "../places.js";
import { rankCorrelation } from "../ranks.js";
import { canvas, every, field, one, piece, put } from "./elements.js";
import { exampleOf, facts } from "./facts.js";
import { drawCell, kindOf } from "./drawing.js";
import { classesInQuestion } from "./look.js";
import { frame, painted } from "./map.js";
import { decimals, percent } from "./numbers.js";
import { engine, isAborted, isCancelled, patiently } from "./running.js";
import { seen, whenSeen } from "./seen.js";
import { hasClasses, OF_THE_PICTURE, show, shown, whenever } from "./shown.js";
import { build, Markup } from "./templates.js";

/** @import {Opened, View} from "../types.js" */
/** @import {Seen} from "./seen.js" */

const TILE = 88; // pixels a side of a channel's map
const STATION = 84; // and of a cell's in the drawing of the network
const PICTURE = 400; // pixels on the long side of a picture with an activity over it
const IMPORTANT = 8; // operations listed
const [SCORE, PROBABILITY] = [0.005, 0.0005]; // smaller changes do not show in the figures
const PRESSABLE = ".branch, .state, .output"; // of the drawing, that can be pressed

/**
 * What is known of a picture's operations: the logits without each (its row 0 is as trained), and the estimates for a class.
 * @typedef {{view: View, logits: Float32Array[] | null, estimates: Map<number, Float32Array>}} Measured
 */

/** @type {Measured | null} */
let measured = null;
let working = new AbortController();

export function startCells() {
    whenSeen(arrived);
    whenever(OF_THE_PICTURE, () => working.abort());
    whenever(["tab", "part", "off", "class", "versus", "paint"], arrived);
    one("#cells").addEventListener("click", press);
    one("#important").addEventListener("click", press);
    one("#channels").addEventListener("click", favour);
    one("#place").addEventListener("change", () => show({ part: field("#place").value }));
    one("#toggle").addEventListener("click", () => show({ off: switched(data().gates, shown.off, shown.part) }));
    one("#all-on").addEventListener("click", () => show({ off: [] }));
    one("#paint").addEventListener("change", () => show({ paint: field("#paint input:checked").value }));
    const drawing = one("#drawing");
    drawing.addEventListener("click", pressDrawing);
    drawing.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") pressDrawing(event); });
    if (!hasClasses()) one("#paint").hidden = true;
}

/** Nothing is computed for visitors who never open this tab. */
function arrived() {
    if (shown.tab !== "cells") return working.abort();
    labelButtons();
    drawOpen();
    compute();
}

/** The network, the answer and the open part with parts switched off; then what every operation adds. */
async function compute() {
    working.abort();
    working = new AbortController();
    const { signal } = working;
    const view = seen?.view;
    put("#cells-message", seen ? null : piece("look", "hint", facts().words.noPicture, true));
    if (!seen || !view) {
        if (!seen || !one("#cells").firstChild) put("#cells", networkRow(null, null));
        if (!seen) for (const place of ["#compared", "#active", "#channels", "#important"]) put(place);
        return;
    }
    try {
        const running = await engine();
        const opened = await running.open(view, shown.off, shown.part);
        if (signal.aborted) return;
        put("#cells", networkRow(view, opened));
        put("#compared", hasClasses() ? compared(seen, view, opened) : null);
        gives(view, opened);
        if (hasClasses()) await measure(view, working);
    } catch (error) {
        if (isCancelled(error)) put("#important", piece("look", "hint", "Not measured."));
        else if (!isAborted(error)) put("#cells-message", piece("look", "message", error instanceof Error ? error.message : String(error)));
    }
}

/**
 * Every operation switched off in turn, and the estimate of the same, where that is not known yet.
 * @param {View} view
 * @param {AbortController} control
 */
async function measure(view, control) {
    if (!seen) return;
    if (measured?.view !== view) measured = { view, logits: null, estimates: new Map() };
    const known = measured;
    const { target } = classesInQuestion(seen);
    const running = await engine();
    if (!known.logits) {
        put("#important");
        known.logits = await patiently("#important", facts().words.measuring.replace(/ …$/, ""), control, (patience) => running.leaveOneOut(view, patience));
        drawOpen();
    }
    if (control.signal.aborted) return;
    put("#important", important(known, target));
    if (!known.estimates.has(target)) known.estimates.set(target, await running.gateGradients(view, target));
    if (control.signal.aborted) return;
    put("#important", important(known, target));
    drawOpen();
}

/** @param {string} place */
function cellOf(place) {
    return place.split(":")[0];
}

/** The open cell, painted with what its operations add to the class, as far as that is known. */
function drawOpen() {
    const { gates, parts } = data();
    const cell = cellOf(shown.part);
    /** @type {Map<string, number>} */
    const values = new Map();
    if (seen?.view && measured?.view === seen.view) {
        const { target } = classesInQuestion(seen);
        const found = shown.paint === facts().words.estimate ? measured.estimates.get(target) : measured.logits && losses(measured.logits, target);
        gates.forEach((gate, i) => { if (found && gate.cell === cell) values.set(`${gate.block}:${gate.side}`, found[i]); });
    }
    const closed = new Set(shown.off.flatMap((place) => select(gates, place)).filter((i) => gates[i].cell === cell));
    const off = new Set([...closed].map((i) => `${gates[i].block}:${gates[i].side}`));
    const focused = document.activeElement?.closest("#drawing g")?.id;
    const svg = drawCell(kindOf(cell), parts[cell], values, off);
    const [, ...rest] = shown.part.split(":");
    const open = rest.length > 1 ? `#cell-${rest.join("-")}` : rest.length ? `#cell-state-${Number(rest[0]) + 2}` : "#cell-output";
    for (const part of svg.querySelectorAll(PRESSABLE)) {
        part.setAttribute("role", "button");
        part.setAttribute("tabindex", "0");
        if (part.matches(".branch")) part.setAttribute("aria-pressed", String(part.matches(".off")));
    }
    const outlined = svg.querySelector(`${open} > rect`);
    outlined?.setAttribute("style", "stroke:var(--accent);stroke-width:5");
    one("#drawing .zoomable").replaceChildren(svg);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** The labels of the buttons, and the open cell's name. */
function labelButtons() {
    const { cells, gates, parts } = data();
    const cell = cells.find(({ name }) => name === cellOf(shown.part));
    if (cell) put("#cell-heading", piece("cells", "heading", parts[cell.name], cell.kind, cell, 0));
    one("#toggle").textContent = `Switch ${isOff(gates, shown.off, shown.part) ? "on" : "off"}: ${parts[shown.part]}`;
    one("#all-on").hidden = !shown.off.length;
    field("#place").value = shown.part;
    field(`#paint input[value="${shown.paint}"]`).checked = true;
    put("#favourites");
}

/**
 * The whole network as a row of cells to choose from, between the picture and the likeliest class.
 * @param {View | null} view
 * @param {Opened | null} opened
 */
function networkRow(view, opened) {
    const { cells, gates, parts } = data();
    const closed = new Set(shown.off.flatMap((place) => select(gates, place)));
    const stations = cells.map((cell) => ({
        place: cell.name,
        name: parts[cell.name],
        kind: cell.kind,
        shape: cell,
        off: [...closed].filter((i) => gates[i].cell === cell.name).length,
        picture: view && opened ? frame(view.region, opened.energies[cell.name], false, STATION).toDataURL("image/jpeg", 0.88) : "",
    }));
    const picture = view ? canvas(STATION, STATION, (context) => context.drawImage(view.region, 0, 0, STATION, STATION)).toDataURL("image/jpeg", 0.88) : "";
    const [best] = opened && hasClasses() ? top(opened.probabilities, data().labels, 1) : [];
    return piece("cells", "network", stations, cellOf(shown.part), picture, best ? [best.name, percent(best.probability)] : null);
}

/**
 * The likeliest classes as trained and now, and what became of the class in question.
 * @param {Seen} now
 * @param {View} view
 * @param {Opened} opened
 */
function compared(now, view, opened) {
    const { labels: names, parts } = data();
    const indices = [...new Set([...top(view.probabilities, names), ...top(opened.probabilities, names)].map(({ index }) => index))];
    const bar = (/** @type {number} */ probability) => [probability, percent(probability)];
    const rows = indices
        .sort((a, b) => opened.probabilities[b] - opened.probabilities[a])
        .map((index) => [names[index].name, bar(view.probabilities[index]), bar(opened.probabilities[index])]);
    const { target } = classesInQuestion(now);
    return piece("cells", "compare", rows, shown.off.map((place) => parts[place]), shown.off.length ? became(names[target].name, changeOf(view.logits, opened.logits, target)) : null);
}

/**
 * A class's score and probability, as trained and with parts off: nasnet_demo/cells/change.py.
 * @param {Float32Array} before logits
 * @param {Float32Array} after
 * @param {number} index
 */
function changeOf(before, after, index) {
    const [score, newScore] = [before[index], after[index]];
    const [probability, newProbability] = [softmax(before)[index], softmax(after)[index]];
    const [scored, likelier] = [newScore - score, newProbability - probability];
    const disagree = Math.abs(scored) >= SCORE && Math.abs(likelier) >= PROBABILITY && scored > 0 !== likelier > 0;
    return { score, newScore, probability, newProbability, disagree };
}

/**
 * @param {string} name
 * @param {ReturnType<typeof changeOf>} changed
 */
function became(name, { score, newScore, probability, newProbability, disagree }) {
    const went = (/** @type {number} */ difference) => (difference > 0 ? "rose" : "fell");
    return {
        name,
        score: [decimals(score), decimals(newScore), went(newScore - score)],
        probability: [percent(probability), percent(newProbability), went(newProbability - probability)],
        disagree,
    };
}

/**
 * What the open part gives.
 * @param {View} view
 * @param {Opened} opened
 */
function gives(view, { part }) {
    const { width, height } = view.region;
    const scale = PICTURE / Math.max(width, height);
    const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    const maps = /** @type {const} */ ([[part.mean, "All channels together"], [part.max, "The strongest at each place"]]).map(([heat, words]) => [
        frame(view.region, heat, false, wide, high).toDataURL("image/jpeg", 0.88), words,
    ]);
    put("#active", piece("cells", "active", data().parts[shown.part], [part.mean.height, part.mean.width, part.channels], maps, part.off));
    const tiles = part.strongest.map(({ channel, heat }) => [channel, painted(heat, TILE, TILE, false).toDataURL()]);
    put("#channels", piece("cells", "channels", tiles));
}

/**
 * What a class's score loses without each operation.
 * @param {Float32Array[]} logits
 * @param {number} index
 */
function losses(logits, index) {
    return Float32Array.from(logits.slice(1), (without) => logits[0][index] - without[index]);
}

/**
 * The operations that matter most for a class, and how well the estimates agree with the truth.
 * @param {Measured} known
 * @param {number} target
 */
function important({ logits, estimates }, target) {
    if (!logits) return new Markup([]);
    const { gates, labels: names, parts } = data();
    const truth = losses(logits, target);
    const estimate = estimates.get(target);
    const order = [...truth.keys()].sort((a, b) => Math.abs(truth[b]) - Math.abs(truth[a])).slice(0, IMPORTANT);
    const changes = order.map((i) => changeOf(logits[0], logits[i + 1], target));
    const rows = order.map((i, at) => {
        const { place } = gates[i];
        return [place, parts[place], decimals(truth[i], true), estimate ? decimals(estimate[i], true) : "", percent(changes[at].newProbability), changes[at].disagree];
    });
    const correlation = estimate ? rankCorrelation(estimate, truth) : null;
    const agreement = facts().words.order.find((/** @type {[number, string]} */ [least]) => (correlation ?? 0) >= least)?.[1] ?? "hardly the same";
    const odd = changes.some(({ disagree }) => disagree);
    const chance = percent(softmax(logits[0])[target]);
    return piece("cells", "important", names[target].name, chance, rows, gates.length, agreement, correlation === null ? "" : decimals(correlation, true), odd);
}

/** A cell of the row, or an operation of the list: it is opened. @param {Event} event */
function press(event) {
    const place = /** @type {HTMLElement} */ (event.target).closest("[data-place]");
    if (place instanceof HTMLElement) show({ part: place.dataset.place });
}

/** A part of the drawing: an input opens its cell, any other part is switched. @param {Event} event */
function pressDrawing(event) {
    const part = /** @type {Element} */ (event.target).closest(`${PRESSABLE}, .block`);
    if (!(part instanceof SVGElement)) return;
    event.preventDefault();
    const { cells, gates } = data();
    const cell = cellOf(shown.part);
    const { branch, state, block } = part.dataset;
    if (state !== undefined && Number(state) < 2) {
        const before = cells[cells.findIndex(({ name }) => name === cell) - 1 - Number(state)];
        if (before) show({ part: before.name });
        return;
    }
    const within = branch ?? (state === undefined ? block : String(Number(state) - 2));
    const place = within === undefined ? cell : `${cell}:${within}`;
    show({ part: place, off: switched(gates, shown.off, place) });
}

/** The example photographs that excite a channel most. @param {Event} event */
async function favour(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-channel]");
    if (!(button instanceof HTMLElement)) return;
    const channel = Number(button.dataset.channel);
    const place = shown.part;
    try {
        const running = await engine();
        const names = await patiently("#favourites", "Looking through the example photographs", new AbortController(), (patience) => running.favourites(place, channel, patience));
        if (place !== shown.part) return;
        const photos = names.map((name) => [exampleOf(name)?.small ?? "", name.replaceAll("_", " ")]);
        put("#favourites", piece("cells", "favourites", data().parts[place], channel, photos));
    } catch (error) {
        if (!isAborted(error)) put("#favourites", piece("look", "message", error instanceof Error ? error.message : String(error)));
    }
}
