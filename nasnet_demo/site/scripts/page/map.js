// The map: over the picture or beside it, with its legend, its values and its file; and the film strip of all cells.

import { data } from "../assets.js";
import { paint } from "../colours.js";
import { npy } from "../npy.js";
import { canvas, piece } from "./elements.js";
import { facts, methodOf, WHOLE_NETWORK } from "./facts.js";
import { percent, plain } from "./numbers.js";

/** @import {Heat, View} from "../types.js" */
/** @import {Markup} from "./templates.js" */
/** @import {Seen} from "./seen.js" */

/**
 * A question as captions say it: nasnet_demo/explanations/question.py.
 * @typedef {{name: string, versus: string, method: string, cell: string | null, place: string, classes: string, probability: number}} Caption
 */

const HEAT = 280; // pixels on the long side of the map
const SMALL = 96; // the same at the head of a tab
const FRAME = 100; // pixels a side of a frame of the film strip
const WIDEST = 4; // a picture wider or taller than this is shown squeezed
export const OVERLAY = 0.55; // opacity of a map over a picture

/**
 * @param {string} name
 * @param {string} versus
 * @param {string} method
 * @param {string} cell
 * @param {number} probability
 * @returns {Caption}
 */
export function caption(name, versus, method, cell, probability) {
    const { titles, words } = facts();
    const place = methodOf(method).cells ? cell : null;
    return { name, versus, method, cell: place, place: place ? titles[place] : words.pixels, classes: versus ? `${name} rather than ${versus}` : name, probability };
}

/**
 * The map over the part of the picture that the network saw. The brightest colour stands for `scale`, or for the map's own
 * highest magnitude.
 * @param {number} aspect
 * @param {Heat} heat
 * @param {Caption} question
 * @param {number} [scale]
 * @returns {Promise<Markup>}
 */
export async function mapView(aspect, heat, question, scale = 0) {
    const within = shownAspect(aspect);
    return piece("map", "view", within, question, percent(question.probability), isEmpty(heat) ? null : await layer(heat, question, within, scale));
}

/**
 * The same in small, for the head of a tab.
 * @param {number} aspect
 * @param {Heat} heat
 * @param {Caption} question
 * @param {number} [scale]
 * @returns {Markup}
 */
export function askedView(aspect, heat, question, scale = 0) {
    const within = shownAspect(aspect);
    const picture = isEmpty(heat) ? "" : coloured(heat, question, within, scale, SMALL).toDataURL();
    return piece("map", "asked", within, question, percent(question.probability), picture);
}

/**
 * The film strip: a choice of cells, each with its map by the method `used`; `method` is that of the map.
 * @param {View} view
 * @param {Heat[]} heats
 * @param {string} used
 * @param {string} method
 * @param {string} cell
 * @returns {Markup}
 */
export function filmView(view, heats, used, method, cell) {
    const { cells } = data().network;
    const frames = heats.map((heat, i) => [cells[i], facts().titles[cells[i]], frame(view.input, heat, methodOf(used).signed).toDataURL("image/jpeg", 0.88)]);
    return piece("map", "film", frames, used, method, used === method ? cell : "");
}

/**
 * A map over a picture, small; only the picture if the map is all zero.
 * @param {CanvasImageSource} picture
 * @param {Heat} heat
 * @param {boolean} [signed]
 * @param {number} [width]
 * @param {number} [height]
 */
export function frame(picture, heat, signed = false, width = FRAME, height = width) {
    return canvas(width, height, (context) => {
        context.drawImage(picture, 0, 0, width, height);
        if (isEmpty(heat)) return;
        context.globalAlpha = OVERLAY;
        context.drawImage(painted(heat, width, height, signed), 0, 0);
    });
}

/**
 * A map as a picture.
 * @param {Heat} heat
 * @param {number} width
 * @param {number} height
 * @param {boolean} signed
 * @param {number} [highest]
 */
export function painted(heat, width, height, signed, highest = 0) {
    const { colours } = data();
    const image = paint(heat, Math.max(1, width), Math.max(1, height), signed ? colours.signed : colours.plain, { signed, highest });
    return canvas(image.width, image.height, (context) => context.putImageData(image, 0, 0));
}

/**
 * @param {Heat} heat
 * @returns {boolean}
 */
export function isEmpty(heat) {
    return heat.values.every((value) => value === 0);
}

/**
 * A name for the map's file, such as "tabby-cat-grad-cam-cell-3.npy".
 * @param {Caption} question
 * @param {string} suffix
 */
export function fileName(question, suffix) {
    const words = `${question.classes} ${question.method} ${question.cell ?? ""}`.toLowerCase();
    return words.replace(/[^\p{L}\p{N}_+]+|_/gu, "-").replace(/^-+|-+$/g, "") + suffix;
}

/**
 * The coloured map, what the ends of its colours mean, and its values as a file.
 * @param {Heat} heat
 * @param {Caption} question
 * @param {number} aspect
 * @param {number} scale
 */
async function layer(heat, question, aspect, scale) {
    const { signed } = methodOf(question.method);
    const highest = plain(scale || heat.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    return {
        picture: coloured(heat, question, aspect, scale, HEAT).toDataURL(),
        signed,
        low: signed ? `against −${highest}` : "nothing",
        high: signed ? `for ${highest}` : `most ${highest}`,
        meaning: meaning(question),
        file: fileName(question, ".npy"),
        link: await asDataUrl(npy(heat)),
    };
}

/**
 * @param {Heat} heat
 * @param {Caption} question
 * @param {number} aspect
 * @param {number} scale
 * @param {number} side
 */
function coloured(heat, question, aspect, scale, side) {
    const [width, height] = [Math.round(side * Math.min(1, aspect)), Math.round(side / Math.max(1, aspect))];
    return painted(heat, width, height, methodOf(question.method).signed, scale);
}

/**
 * What a value of the map is, in a sentence.
 * @param {Caption} question
 */
function meaning({ name, versus, method, cell }) {
    if (["Grad-CAM", "HiResCAM"].includes(method) && cell === WHOLE_NETWORK) {
        const over = versus ? ` over that of ${versus}` : "";
        return `A value is what the spot adds to the score of ${name}${over}; the scores make the percentages.`;
    }
    return `A value is ${data().values[method] ?? data().values[""]}.`;
}

/** @param {number} aspect */
export function shownAspect(aspect) {
    return Math.min(Math.max(aspect, 1 / WIDEST), WIDEST);
}

/**
 * A file inside an address, with its bytes in base64: pointer.js reads them from there.
 * @param {Blob} file
 * @returns {Promise<string>}
 */
function asDataUrl(file) {
    return new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(String(reader.result));
        reader.readAsDataURL(file);
    });
}
