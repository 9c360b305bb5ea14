// The tab "Can I trust it?", the first test: what a map marks is removed, and the network is watched.

import { data } from "../assets.js";
import { Random } from "../random.js";
import { changed, removalOrder, replacement } from "../removal.js";
import { chart } from "./charts.js";
import { canvas, every, field, one, piece } from "./elements.js";
import { facts } from "./facts.js";
import { shownAspect } from "./map.js";
import { percent } from "./numbers.js";
import { Panel } from "./panel.js";
import { cellFor, question } from "./questioned.js";
import { engine } from "./running.js";
import { show, shown, whenever } from "./shown.js";
import { ours } from "./templates.js";
import { compareWay, inNumbers, typical, verdictOf, WAYS, widest } from "./verdicts.js";

/** @import {Heat, View} from "../types.js" */
/** @import {Curves, Trial, Way} from "./verdicts.js" */

const BOXES = ":is(#trust-methods, #trust-others) input";

/** Where the visitor has dragged the slider. @type {number | null} */
let draggedTo = null;

export function startTrust() {
    const panel = new Panel("trust", "Testing", removing, dragged);
    whenever(["tests"], followTests);
    for (const list of every("#trust-methods, #trust-others")) {
        list.addEventListener("change", () => {
            const chosen = /** @type {HTMLInputElement[]} */ (every(BOXES)).filter((box) => box.checked);
            show({ tests: chosen.map((box) => box.value).join(",") });
        });
    }
    one("#trust").addEventListener("input", (event) => {
        draggedTo = Number(/** @type {HTMLInputElement} */ (event.target).value);
        dragged();
    });
    panel.forgotten = () => { draggedTo = null; };
    followTests();
}

function followTests() {
    const chosen = shown.tests.split(",");
    for (const box of /** @type {HTMLInputElement[]} */ (every(BOXES))) box.checked = chosen.includes(box.value);
    if (/** @type {HTMLInputElement[]} */ (every("#trust-others input")).some((box) => box.checked)) /** @type {HTMLDetailsElement} */ (one("#trust-more")).open = true;
}

/**
 * Deletion and insertion for each method; the answer grows with every one.
 * @type {import("./panel.js").Job}
 */
async function* removing(signal, within) {
    const { steps, seeds, sums } = facts().trust;
    const baseline = /** @type {"blur" | "mean"} */ (field("#trust-baseline input:checked").value);
    const cell = field("#trust-cell").value;
    const parts = [...shown.tests.split(",").filter(Boolean), sums];
    if (parts.length > 1) yield { done: 0, parts, answer: null };
    const { view, target, methods } = await question(signal);
    const name = data().labels[target].name;
    const running = await engine();
    const last = seeds.length - 1; // the seed of the map that settles ties comes after those of the controls
    /** @type {Trial[]} */
    const trials = [];
    /** @type {Map<string, Curves[]>} */
    const controls = new Map();
    for (const method of methods) {
        let [turn, turns] = [0, 2 + last];
        const patience = { signal, progress: (/** @type {number} */ share) => within((turn + share) / turns) };
        const score = (/** @type {Heat} */ heat) => running.removal(view, { target, heat, ties: randomMap(heat, last), baseline, steps }, patience);
        const heat = await running.explain(view, { target, method, cell: cellFor(method, cell) }, patience);
        const known = controls.get(shapeOf(heat));
        if (known) turns = 2;
        turn = 1;
        const own = await score(heat);
        const others = known ?? [];
        for (let seed = others.length; seed < last; seed++) {
            turn = 2 + seed;
            others.push(await score(randomMap(heat, seed)));
        }
        controls.set(shapeOf(heat), others);
        trials.push({ name: method, heat, score: own, controls: others });
        yield { done: trials.length, parts, answer: result(trials, view, name, baseline) };
    }
    const added = await running.addsUp(view, { target, heats: trials.map(({ heat }) => heat), baseline }, { signal, progress: within });
    yield { done: parts.length, parts, answer: result(trials, view, name, baseline, added) };
}

/** As Python rounds. @param {number} value */
function halfToEven(value) {
    const whole = Math.floor(value);
    return value - whole === 0.5 ? whole + (whole % 2) : Math.round(value);
}

/** @param {Heat} heat */
function shapeOf({ height, width }) {
    return `${height} × ${width}`;
}

/**
 * A map of independent uniform values: numpy's, of the seed.
 * @param {Heat} like
 * @param {number} seed
 * @returns {Heat}
 */
function randomMap({ height, width }, seed) {
    const [state, increment] = facts().trust.seeds[seed].map(BigInt);
    const random = new Random({ state, increment });
    return { height, width, values: Float32Array.from({ length: height * width }, () => random.shortUniform()) };
}

/**
 * The answer so far.
 * @param {Trial[]} trials
 * @param {View} view
 * @param {string} name
 * @param {"blur" | "mean"} baseline
 * @param {number[]} [sums] whether each one's values add up
 */
function result(trials, view, name, baseline, sums = []) {
    const curve = trials[0].score.deletion;
    const last = curve.length - 1;
    return piece(
        "trust", "result", name, percent(curve[0]), trials.map(verdictOf), trials[0].controls.length,
        WAYS.map((way) => ours(chartOf(trials, way))),
        curve.map((_, step) => `${halfToEven((100 * step) / last)}%`),
        widest(trials),
        shownAspect(view.region.width / view.region.height),
        films(trials, view, baseline),
        trials.map((trial) => [trial.name, WAYS.map((way) => compareWay(trial, way))]),
        sums,
        trials.map(inNumbers),
    );
}

/**
 * @param {Trial[]} trials
 * @param {Way} way
 */
function chartOf(trials, way) {
    const [title, label] = facts().trust.titles[way];
    const groups = new Map(trials.map(({ heat, controls }) => [shapeOf(heat), controls.map((one) => one[way])]));
    const along = (/** @type {number[][]} */ curves, /** @type {(values: number[]) => number} */ of) => curves[0].map((_, k) => of(curves.map((curve) => curve[k])));
    const lines = [...groups].map(([shape, curves], shade) => ({
        name: `${curves.length} random maps of ${shape}`, place: null, shade,
        values: along(curves, (values) => values.reduce((a, b) => a + b, 0) / values.length),
        low: along(curves, (values) => Math.min(...values)),
        high: along(curves, (values) => Math.max(...values)),
    }));
    const own = trials.map(({ name, score }, place) => ({ name, values: score[way], place }));
    const highest = Math.max(...lines.flatMap(({ high }) => high), ...own.flatMap(({ values }) => values));
    return chart([...lines, ...own], title, label, ["0%", "25%", "50%", "75%", "100%"], Math.min(1, Math.ceil(10 * highest) / 10));
}

/**
 * For each method, the picture as it is removed and put back; after the methods of a grid, the same for random maps.
 * @param {Trial[]} trials
 * @param {View} view
 * @param {"blur" | "mean"} baseline
 */
function films(trials, view, baseline) {
    const size = data().network.imageSize;
    const image = pixelsOf(view, size);
    const nothing = replacement(image, size, baseline);
    /** @type {[string, [Heat, Curves][]][]} */
    const rows = [];
    for (const shape of new Set(trials.map(({ heat }) => shapeOf(heat)))) {
        const alike = trials.filter(({ heat }) => shapeOf(heat) === shape);
        for (const { name, heat, score } of alike) rows.push([name, [[heat, score], [heat, score]]]);
        const [{ heat, controls }] = alike;
        rows.push([`Random spots, ${shape}`, WAYS.map((way) => {
            const seed = typical(controls, way);
            return [randomMap(heat, seed), controls[seed]];
        })]);
    }
    return rows.map(([name, [removed, back]]) => [
        name,
        strip(image, nothing, removed[0], removed[1].deletion, `The picture without ${name}`, "without it"),
        strip(nothing, image, back[0], back[1].insertion, `Only ${name}`, "with it alone"),
    ]);
}

/**
 * All frames side by side in one picture; the probability at each, and what it shows.
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {Heat} heat
 * @param {number[]} curve
 * @param {string} alt
 * @param {string} words
 */
function strip(from, to, heat, curve, alt, words) {
    const size = data().network.imageSize;
    const turns = removalOrder(heat, randomMap(heat, facts().trust.seeds.length - 1), size);
    const made = new Float32Array(from.length);
    const frames = canvas(size * curve.length, size, (context) => {
        curve.forEach((_, k) => {
            changed(from, to, turns, k / (curve.length - 1), made);
            const image = new ImageData(size, size);
            for (let i = 0; i < size * size; i++) image.data.set([255 * made[3 * i] + 0.5, 255 * made[3 * i + 1] + 0.5, 255 * made[3 * i + 2] + 0.5, 255].map(Math.floor), 4 * i);
            context.putImageData(image, size * k, 0);
        });
    });
    return { frames: frames.toDataURL("image/jpeg", 0.85), values: curve.map((value) => `${(100 * value).toFixed(1)}%`), alt, words };
}

/**
 * What the network got, in [0, 1].
 * @param {View} view
 * @param {number} size
 */
function pixelsOf(view, size) {
    const context = canvas(size, size, (made) => made.drawImage(view.input, 0, 0)).getContext("2d");
    const { data: bytes } = /** @type {CanvasRenderingContext2D} */ (context).getImageData(0, 0, size, size);
    return Float32Array.from({ length: 3 * size * size }, (_, i) => bytes[4 * Math.floor(i / 3) + (i % 3)] / 255);
}

/** One slider moves the hair lines and the pictures, and writes the probabilities. It starts where the maps differ most from
 * random ones, and stays where the visitor has dragged it. */
function dragged() {
    const slider = document.querySelector("#trust input[type=range]");
    if (!(slider instanceof HTMLInputElement)) return;
    const step = draggedTo ?? Number(slider.dataset.start);
    slider.value = String(step);
    slider.setAttribute("aria-valuetext", `${Math.round((100 * step) / Number(slider.max))} %`);
    one("#trust").style.setProperty("--step", String(step));
    for (const output of every("#trust [data-values]")) output.textContent = JSON.parse(output.dataset.values ?? "[]")[step];
}
