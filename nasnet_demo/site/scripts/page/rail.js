// The lessons: a rail beside the page that leads through it. A step is a link like any other. What happens in the rail
// itself is in lesson.js, which the page with a server has too.

import { data } from "../assets.js";
import { lesson } from "../../../ui/lesson.js";
import { one, piece, put } from "./elements.js";
import { exampleOf, facts } from "./facts.js";
import { frame } from "./map.js";
import { percent } from "./numbers.js";
import { regionOf } from "./seen.js";
import { shown, whenever } from "./shown.js";
import { Markup } from "./templates.js";

const OUTLINE = "{outline:3px dashed var(--accent);outline-offset:4px;border-radius:4px}";
const LARGE = 360; // pixels on the long side of the picture to draw on

/** What lesson.js wants to know. @type {() => void} */
let stepShown = () => {};

export function startLessons() {
    lesson(one("#lesson-step"), (/** @type {string} */ _, /** @type {() => void} */ act) => { stepShown = act; }, agree);
    whenever(["step"], openStep);
}

/** @param {string} step such as "see-3" */
function found(step) {
    const [, name, number] = step.match(/^(.*)-(\d+)$/) ?? [];
    return { lesson: data().lessons.find(({ id }) => id === name), number: Number(number) };
}

async function openStep() {
    const { step } = shown;
    const { lesson: read, number } = found(step);
    const task = read ? await part(read, number) : null;
    if (step !== shown.step) return;
    one("#lesson").hidden = !read;
    for (const place of ["#lesson-step", "#lesson-said", "#lesson-rest"]) put(place);
    if (read && task) {
        const links = facts().links[read.id];
        const marks = facts().marks[read.id][number - 1];
        put("#lesson-step", piece("lesson", "step", read, number, links, marks, marks ? marks + OUTLINE : "", task));
        put("#lesson-rest", piece("lesson", "rest", read, number, links));
    }
    stepShown();
}

/**
 * What a step asks a visitor to do in the rail.
 * @param {Record<string, any>} read
 * @param {number} number
 */
async function part(read, number) {
    const step = read.steps[number - 1];
    const example = exampleOf(step.link.example ?? "");
    if (step.kind === "before" || step.kind === "after") return piece("lesson", "quiz", read, step.kind);
    if (step.kind === "guess" && example) return piece("lesson", "guess", `${example.top[0].name}, ${percent(example.top[0].probability)}`);
    if (step.kind === "draw" && example) return piece("lesson", "draw", (await regionOf(example, LARGE)).toDataURL("image/jpeg", 0.88), example.map.height, example.map.width);
    return new Markup([]);
}

const [MUCH, SOME] = [0.75, 0.5]; // of the way from luck to full agreement: nasnet_demo/checks/agreement.py

/**
 * What is to be said of a drawing: the places that were marked, against the map of the step's picture.
 * @param {string} _
 * @param {{step: string, marked: number[]}} drawn
 */
async function agree(_, { step, marked }) {
    const { lesson: read, number } = found(step);
    const example = exampleOf(read?.steps[number - 1].link.example ?? "");
    if (!example) return;
    const { map } = example;
    const places = map.values.length;
    const order = [...map.values.keys()].sort((a, b) => map.values[b] - map.values[a]).slice(0, marked.length);
    const shared = order.filter((place) => marked.includes(place)).length;
    let picture = "";
    if (marked.length > 0 && marked.length < places) {
        const region = await regionOf(example, LARGE);
        picture = frame(region, { ...map, values: Float32Array.from(map.values) }, false, region.width, region.height).toDataURL("image/jpeg", 0.88);
    }
    put("#lesson-said", piece("lesson", "agreed", picture, map.height, map.width, marked, { words: verdict(marked.length, places, shared) }));
}

/**
 * The agreement in a sentence.
 * @param {number} marked
 * @param {number} places
 * @param {number} shared
 */
function verdict(marked, places, shared) {
    if (marked === 0 || marked === places) return "Mark some of the places, but not all of them.";
    const luck = marked ** 2 / places;
    const gain = (shared - luck) / (marked - luck);
    const how = gain >= MUCH ? "nearly where it looks" : gain >= SOME ? "partly where it looks" : "elsewhere";
    const are = shared === 1 ? "is" : "are";
    return `You expect it to look ${how}: of the ${marked} places that you marked, ${shared} ${are} among the map's ${marked} strongest. By luck it would be ${luck.toFixed(1)}.`;
}
