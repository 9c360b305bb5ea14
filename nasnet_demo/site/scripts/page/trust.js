// The tab "Can I trust it?", the first test: what a map marks is removed, and the network is watched.

import { data } from "../assets.js";
import { Random } from "../random.js";
import { changed, removalOrder, replacement } from "../removal.js";
import { chart } from "./charts.js";
import { canvas, every, field, one, piece, put } from "./elements.js";
import { facts, methodOf, WHOLE_NETWORK } from "./facts.js";
import { classesInQuestion } from "./look.js";
import { percent } from "./numbers.js";
import { engine, isAborted, isCancelled, patiently } from "./running.js";
import { seen, whenSeen } from "./seen.js";
import { show, shown, whenever } from "./shown.js";
import { ours } from "./templates.js";
import { compareWay, inNumbers, typical, verdictOf, WAYS, widest } from "./verdicts.js";

/** @import {Heat, View} from "../types.js" */
/** @import {Curves, Trial, Way} from "./verdicts.js" */

let testing = new AbortController();
let waiting = false; // for the network to have looked at the picture

export function startTrust() {
    whenever(["tests"], followTests);
    whenever(["example", "own", "crop", "class"], forgetTests);
    whenSeen((now) => { if (waiting && now?.view) test(); });
    one("#trust-methods").addEventListener("change", () => {
        const chosen = every("#trust-methods input").filter((box) => /** @type {HTMLInputElement} */ (box).checked);
        show({ tests: chosen.map((box) => /** @type {HTMLInputElement} */ (box).value).join(",") });
    });
    one("#trust-run").addEventListener("click", test);
    one("#trust").addEventListener("input", (event) => dragged(/** @type {HTMLInputElement} */ (event.target)));
    followTests();
}

function followTests() {
    const chosen = shown.tests.split(",");
    for (const box of every("#trust-methods input")) /** @type {HTMLInputElement} */ (box).checked = chosen.includes(/** @type {HTMLInputElement} */ (box).value);
    forgetTests();
}

/** The question has changed: nothing goes on, and no answer stays. */
function forgetTests() {
    testing.abort();
    waiting = false;
    put("#trust");
    put("#trust-progress");
}

/** Deletion and insertion for each method; the answer grows with every one. */
async function test() {
    const names = shown.tests.split(",").filter(Boolean);
    const now = seen;
    const view = now?.view;
    waiting = Boolean(now && !view);
    if (waiting) return put("#trust-progress", piece("trust", "said", "It begins as soon as the network has looked at the picture."));
    if (!now || !view) return put("#trust-progress", piece("look", "message", "Please choose a picture on the first tab."));
    if (!names.length) return put("#trust-progress", piece("look", "message", "Please choose at least one map to test."));
    testing.abort();
    testing = new AbortController();
    const control = testing;
    const { target } = classesInQuestion(now);
    const { steps, seeds } = facts().trust;
    const baseline = /** @type {"blur" | "mean"} */ (field("#trust-baseline input:checked").value);
    /** @type {Trial[]} */
    const trials = [];
    /** @type {Map<string, Curves[]>} */
    const controls = new Map();
    try {
        const running = await engine();
        const run = (/** @type {Heat} */ heat, /** @type {string} */ doing) => patiently("#trust-progress", doing, control, (patience) =>
            running.removal(view, { target, heat, ties: randomMap(heat, seeds.length - 1), baseline, steps }, patience));
        for (const name of names) {
            const cell = methodOf(name).cells ? shown.cell : WHOLE_NETWORK;
            const heat = await patiently("#trust-progress", `${name} is at work`, control, (patience) => running.explain(view, { target, method: name, cell }, patience));
            const score = await run(heat, `Testing ${name}`);
            const shape = shapeOf(heat);
            const others = controls.get(shape) ?? [];
            for (let seed = others.length; seed < seeds.length - 1; seed++) {
                others.push(await run(randomMap(heat, seed), `Testing random maps of ${shape}: ${seed + 1} of ${seeds.length - 1}`));
            }
            controls.set(shape, others);
            trials.push({ name, heat, score, controls: others });
            put("#trust", result(trials, view, data().labels[target].name, baseline));
            const slider = document.querySelector("#trust input[type=range]");
            if (slider instanceof HTMLInputElement) dragged(slider);
        }
        put("#trust-progress", piece("trust", "said", "Done."));
    } catch (error) {
        if (isCancelled(error)) put("#trust-progress", piece("trust", "said", "Cancelled."));
        else if (!isAborted(error)) put("#trust-progress", piece("look", "message", error instanceof Error ? error.message : String(error)));
    }
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
 */
function result(trials, view, name, baseline) {
    const curve = trials[0].score.deletion;
    const last = curve.length - 1;
    return piece(
        "trust", "result", name, percent(curve[0]), trials.map(verdictOf), trials[0].controls.length,
        WAYS.map((way) => ours(chartOf(trials, way))),
        curve.map((_, step) => `${Math.round((100 * step) / last)}%`),
        widest(trials),
        view.region.width / view.region.height,
        films(trials, view, baseline),
        trials.map((trial) => [trial.name, WAYS.map((way) => compareWay(trial, way))]),
        [],
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

/** One slider moves the hair lines and the pictures, and writes the probabilities. @param {HTMLInputElement} slider */
function dragged(slider) {
    const step = Number(slider.value);
    slider.setAttribute("aria-valuetext", `${Math.round((100 * step) / Number(slider.max))} %`);
    one("#trust").style.setProperty("--step", String(step));
    for (const output of every("#trust [data-values]")) output.textContent = JSON.parse(output.dataset.values ?? "[]")[step];
}
