// Deletion and insertion (Petsiuk et al., RISE, arXiv:1806.07421): does the network go by what a map marks? As
// nasnet_demo/checks/faithfulness.py.

import { softmax } from "./answers.js";
import { enlarge } from "./resample.js";

/** @import {Pace, Subject} from "./subject.js" */
/** @import {Heat} from "./types.js" */

const BLUR = 1 / 16; // standard deviation, as a share of the picture's side
const COLOURS = 3;

/**
 * @param {Subject} subject
 * @param {{target: number, heat: Heat, ties: Heat, baseline: "blur" | "mean", steps: number}} test
 * @param {Pace} pace
 * @returns {Promise<{deletion: number[], insertion: number[]}>}
 */
export async function removal(subject, { target, heat, ties, baseline, steps }, pace) {
    const { image, size } = subject;
    const nothing = replacement(image, size, baseline);
    const turns = removalOrder(heat, ties, size);
    const along = async (/** @type {Float32Array} */ from, /** @type {Float32Array} */ to, /** @type {Pace} */ own) => {
        const rows = await subject.forward(steps + 1, (k, made) => changed(from, to, turns, k / steps, made), own);
        return rows.map((logits) => softmax(logits)[target]);
    };
    const deletion = await along(image, nothing, (share) => pace(share / 2));
    return { deletion, insertion: await along(nothing, image, (share) => pace((1 + share) / 2)) };
}

/**
 * The picture after a share of its pixels has changed into another's.
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {Int32Array} turns
 * @param {number} share
 * @param {Float32Array} made
 */
export function changed(from, to, turns, share, made) {
    const count = Math.round(share * turns.length);
    for (let i = 0; i < made.length; i++) made[i] = turns[Math.floor(i / COLOURS)] < count ? to[i] : from[i];
}

/**
 * When it is each pixel's turn: 0 where the map is highest.
 * @param {Heat} heat
 * @param {Heat} ties
 * @param {number} size
 * @returns {Int32Array}
 */
export function removalOrder(heat, ties, size) {
    const [values, others] = [heat, ties].map((map) => enlarge(map, size, size).values);
    const order = Int32Array.from(values.keys()).sort((a, b) => values[b] - values[a] || others[b] - others[a] || a - b);
    const turns = new Int32Array(order.length);
    order.forEach((pixel, turn) => (turns[pixel] = turn));
    return turns;
}

/**
 * What the pixels turn into: a blur that keeps colours but hides the class, or the picture's mean colour.
 * @param {Float32Array} image
 * @param {number} size
 * @param {"blur" | "mean"} baseline
 * @returns {Float32Array}
 */
export function replacement(image, size, baseline) {
    if (baseline === "mean") {
        const mean = [0, 1, 2].map((colour) => image.reduce((sum, value, i) => sum + (i % COLOURS === colour ? value : 0), 0) / size ** 2);
        return image.map((_, i) => mean[i % COLOURS]);
    }
    const weights = Array.from({ length: size }, (_, y) => {
        const row = Float64Array.from({ length: size }, (__, x) => Math.exp(-((y - x) ** 2) / (2 * (BLUR * size) ** 2)));
        const sum = row.reduce((a, b) => a + b, 0);
        return row.map((weight) => weight / sum); // brightness is kept at the edges too
    });
    const down = blurredAlong(image, size, weights, size * COLOURS, COLOURS);
    return blurredAlong(down, size, weights, COLOURS, size * COLOURS);
}

/**
 * @param {Float32Array} image
 * @param {number} size
 * @param {Float64Array[]} weights
 * @param {number} step from one pixel to the next along the way
 * @param {number} across from one line to the next
 */
function blurredAlong(image, size, weights, step, across) {
    const out = new Float32Array(image.length);
    for (let line = 0; line < size; line++) {
        for (let at = 0; at < size; at++) {
            for (let colour = 0; colour < COLOURS; colour++) {
                let sum = 0;
                for (let k = 0; k < size; k++) sum += weights[at][k] * image[line * across + k * step + colour];
                out[line * across + at * step + colour] = sum;
            }
        }
    }
    return out;
}
