// The tab "Can I trust it?", the second test: the network is made to forget, from its last layer to its first, and its maps
// are watched.

import { data } from "../assets.js";
import { likeness } from "../ranks.js";
import { chart } from "./charts.js";
import { field, piece } from "./elements.js";
import { facts } from "./facts.js";
import { painted } from "./map.js";
import { Panel } from "./panel.js";
import { worded } from "./phrases.js";
import { cellFor, question, startQuestions } from "./questioned.js";
import { engine } from "./running.js";
import { shown } from "./shown.js";
import { Markup, ours } from "./templates.js";

/** @import {Heat} from "../types.js" */
/** @typedef {Record<string, Heat>} Maps by method */

const THUMBNAIL = 96; // pixels a side of a map

export function startScrambling() {
    startQuestions();
    new Panel("survival", "Scrambling", forgetting);
}

/**
 * The randomisation check, stage by stage.
 * @type {import("./panel.js").Job}
 */
async function* forgetting(signal, within) {
    const { stages } = facts().trust;
    const cell = field("#trust-cell").value;
    if (shown.tests) yield { done: 0, parts: stages, answer: null };
    const { view, target, methods } = await question(signal);
    const running = await engine();
    /** @type {Maps[]} */
    const found = [];
    const learnt = /** @type {Maps} */ ({});
    for (const [i, method] of methods.entries()) {
        const progress = (/** @type {number} */ share) => within((i + share) / methods.length);
        learnt[method] = await running.explain(view, { target, method, cell: cellFor(method, cell) }, { signal, progress });
    }
    found.push(learnt);
    while (found.length < stages.length) {
        yield { done: found.length, parts: stages, answer: survival(found, target) };
        found.push(await running.scrambled(view, { target, methods, cell }, found.length, { signal, progress: within }));
    }
    yield { done: found.length, parts: stages, answer: survival(found, target) };
}

/**
 * How much of each map is left at each stage, the maps before and after, and a verdict when all is scrambled.
 * @param {Maps[]} found
 * @param {number} target
 */
function survival(found, target) {
    if (found.length < 2) return new Markup([]);
    const { stages, survives, marks, words } = facts().trust;
    const done = found.length === stages.length;
    const [learnt, last] = [found[0], found[found.length - 1]];
    const lines = Object.keys(learnt).map((name, place) => ({ name, place, values: found.map((maps) => likeness(learnt[name], maps[name])) }));
    const ends = ["nothing", done ? "everything" : stages[found.length - 1]];
    const drawing = chart(lines, "How much of the map is left", "scrambled, from the last layer to the first", ends, 1);
    const kept = done ? lines.map(({ name, values }) => ({ name, kept: meanLeft(values) })) : [];
    const verdicts = kept.map((one) => {
        const end = one.kept < survives ? "passed" : "failed";
        return { name: one.name, end, mark: marks[end], words: worded(words.SURVIVAL_WORDS[end], one), numbers: worded(words.SURVIVAL_NUMBERS[end], one) };
    });
    const pairs = Object.keys(learnt).map((name) => [name, thumbnail(learnt[name]), thumbnail(last[name])]);
    return piece("trust", "survival", data().labels[target].name, verdicts, pairs, ours(drawing), verdicts.map(({ numbers }) => numbers));
}

/** The average after the first stage. @param {number[]} likenesses */
function meanLeft([, ...likenesses]) {
    return likenesses.reduce((a, b) => a + b, 0) / likenesses.length;
}

/** @param {Heat} heat */
function thumbnail(heat) {
    return painted({ ...heat, values: heat.values.map(Math.abs) }, THUMBNAIL, THUMBNAIL, false).toDataURL();
}
