// The picture in question: what the network makes of it. An example's answer came with the page, so it is shown at once; what
// the network itself says follows when it has been loaded.

import { top } from "../answers.js";
import { assetUrl, data, exampleFeatures } from "../assets.js";
import { PictureError } from "../engine.js";
import { canvas, tell } from "./elements.js";
import { exampleOf, facts } from "./facts.js";
import { engine, isAborted, patiently } from "./running.js";
import { OF_THE_PICTURE, ownPictures, shown, whenever } from "./shown.js";

/** @import {Example, Prediction, View} from "../types.js" */

/**
 * @typedef {object} Seen
 * @property {string} picture which one it is, and which part of it
 * @property {HTMLCanvasElement} region the part that the network saw, for showing
 * @property {string} url of the region
 * @property {number} aspect of the region, width / height
 * @property {Prediction[]} best the five likeliest
 * @property {boolean | null} unsure
 * @property {Float32Array} features
 * @property {Example | null} example whose own answer this is
 * @property {View | null} view once the network has looked
 */

const REGION = 640; // pixels on the long side of the picture under the map

/** @type {Seen | null} */
export let seen = null;
/** @type {((seen: Seen | null) => void)[]} */
const watchers = [];
let asking = /** @type {AbortController | null} */ (null);

/**
 * @param {(seen: Seen | null) => void} act called when the network has looked at a picture, or cannot
 */
export function whenSeen(act) {
    watchers.push(act);
}

/** What the page opens with stands in it already. */
export async function startLooking() {
    whenever(OF_THE_PICTURE, look);
    const example = exampleOf(shown.example);
    if (example) seen = await quick(example).catch(() => null); // the network will look at it, or say why not
}

/** The likeliest class of the picture that is shown, or nothing while the network has not answered yet. */
export function likeliest() {
    return seen?.picture === nameOf() ? (seen.best[0]?.name ?? "") : "";
}

/** Whether the network has been asked to look at a picture. */
export function isLooking() {
    return asking !== null;
}

/** The network looks at the picture that is shown. */
export async function look() {
    asking?.abort();
    const control = new AbortController();
    const { signal } = (asking = control);
    const example = exampleOf(shown.example);
    try {
        const known = seen?.example === example && shown.crop === facts().crops[0] ? seen : null;
        if (example && shown.crop === facts().crops[0]) publish(known ?? (await quick(example)), signal);
        const picture = example ? await (await fetch(assetUrl(example.file), { signal })).blob() : ownPictures[shown.own - 1];
        const running = await engine();
        if (signal.aborted) return;
        const crop = /** @type {any} */ (shown.crop);
        const view = await patiently("#working", "The network looks at the picture", null, () => running.view(picture, { crop }));
        publish(ofView(view, example ?? null, seen), signal);
        tell();
    } catch (error) {
        if (isAborted(error) || signal.aborted) return;
        if (!(error instanceof PictureError) && seen?.example === example && example) return; // the head says why
        publish(null, signal);
        tell(error instanceof Error ? error.message : String(error));
    }
}

/**
 * @param {Seen | null} found
 * @param {AbortSignal} signal
 */
function publish(found, signal) {
    if (signal.aborted) return;
    seen = found;
    for (const act of watchers) act(seen);
}

/**
 * The part of an example that the network sees, at most `longest` pixels a side.
 * @param {Example} example
 * @param {number} longest
 */
export async function regionOf(example, longest) {
    const image = new Image();
    image.src = assetUrl(example.file);
    await image.decode();
    const side = data().pictures.centralFraction * Math.min(image.width, image.height);
    const [left, upper] = [(image.width - side) / 2, (image.height - side) / 2];
    const shownSide = Math.min(longest, Math.round(side));
    return canvas(shownSide, shownSide, (context) => context.drawImage(image, left, upper, side, side, 0, 0, shownSide, shownSide));
}

/**
 * An example's answer, which came with the page.
 * @param {Example} example
 * @returns {Promise<Seen>}
 */
async function quick(example) {
    const region = await regionOf(example, REGION);
    const features = exampleFeatures()[data().examples.indexOf(example)];
    return { picture: nameOf(), region, url: region.toDataURL("image/jpeg", 0.88), aspect: 1, best: example.top, unsure: example.unsure, features, example, view: null };
}

/**
 * @param {View} view
 * @param {Example | null} example
 * @param {Seen | null} before
 * @returns {Seen}
 */
function ofView(view, example, before) {
    const { labels } = data();
    const { width, height } = view.region;
    const scale = Math.min(1, REGION / Math.max(width, height));
    const same = before?.picture === nameOf() ? before : null;
    const region = same?.region ?? canvas(Math.round(width * scale), Math.round(height * scale), (context) => {
        context.drawImage(view.region, 0, 0, context.canvas.width, context.canvas.height);
    });
    return {
        picture: nameOf(), region, url: same?.url ?? region.toDataURL("image/jpeg", 0.88), aspect: width / height,
        best: labels.length ? top(view.probabilities, labels) : [], unsure: view.unsure, features: view.features,
        example: shown.crop === facts().crops[0] ? example : null, view,
    };
}

/** Which picture is shown, and which part of it. */
function nameOf() {
    return `${shown.example || shown.own} ${shown.crop}`;
}
