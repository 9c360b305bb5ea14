// RISE: show the network random parts of the picture, and see with which of them it finds the class.

import { softmax } from "../answers.js";
import { Random } from "../random.js";
import { enlarge } from "../resample.js";
import { score } from "../subject.js";

/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

const MASKS = 500;
const SQUARES = 7; // a side of a mask
const SIDE = 14; // positions a side of the map
const VISIBLE = 0.5; // the share of the squares that is

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @param {Pace} pace
 * @returns {Promise<Heat>}
 */
export async function rise(subject, target, cell, pace) {
    const mask = masks(subject.size);
    /** @type {Float32Array[]} */
    const coarse = [];
    const hide = (/** @type {number} */ k, /** @type {Float32Array} */ made) => {
        const shown = mask(k);
        coarse[k] = enlarge(shown, SIDE, SIDE).values;
        for (let i = 0; i < made.length; i++) made[i] = subject.image[i] * shown.values[Math.floor(i / 3)];
    };
    const rows = await subject.forward(MASKS, hide, pace);
    const scores = rows.map((logits) => score(softmax(logits), target));
    const mean = scores.reduce((a, b) => a + b, 0) / MASKS;
    const values = new Float64Array(SIDE * SIDE);
    coarse.forEach((some, k) => some.forEach((value, i) => (values[i] += (scores[k] - mean) * value)));
    return { height: SIDE, width: SIDE, values: Float32Array.from(values, (value) => value / (MASKS * VISIBLE)) };
}

/**
 * Which part of each pixel is visible in a mask, by its number.
 * @param {number} size
 * @returns {(number: number) => Heat}
 */
function masks(size) {
    const random = new Random();
    const square = Math.ceil(size / SQUARES);
    const grids = Array.from({ length: MASKS }, () =>
        Float32Array.from({ length: SQUARES ** 2 }, () => Number(random.uniform() < VISIBLE)),
    );
    const shifts = Array.from({ length: MASKS }, () => [random.below(square), random.below(square)]);
    const whole = square * (SQUARES + 1);
    return (number) => {
        const { values } = enlarge({ height: SQUARES, width: SQUARES, values: grids[number] }, whole, whole);
        const [down, across] = shifts[number];
        const shown = new Float32Array(size * size);
        for (let y = 0; y < size; y++) {
            const first = (y + down) * whole + across;
            shown.set(values.subarray(first, first + size), y * size);
        }
        return { height: size, width: size, values: shown };
    };
}
