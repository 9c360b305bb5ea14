// Occlusion: cover a part of the picture and see what the logit loses.

import { score } from "../subject.js";

/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

const POSITIONS = 10; // a side; each square is two positions wide, so that neighbours overlap by half

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @param {Pace} pace
 * @returns {Promise<Heat>}
 */
export async function occlusion(subject, target, cell, pace) {
    const { image, size } = subject;
    const colour = [0, 1, 2].map((c) => image.reduce((sum, value, i) => (i % 3 === c ? sum + value : sum), 0) / size ** 2);
    const edge = (/** @type {number} */ place) => Math.max(0, roundHalfEven((place * size) / POSITIONS));
    const cover = (/** @type {number} */ k, /** @type {Float32Array} */ made) => {
        made.set(image);
        const [row, column] = [Math.floor(k / POSITIONS), k % POSITIONS];
        for (let y = edge(row - 0.5); y < Math.min(size, edge(row + 1.5)); y++) {
            for (let x = edge(column - 0.5); x < Math.min(size, edge(column + 1.5)); x++) made.set(colour, 3 * (y * size + x));
        }
    };
    const rows = await subject.forward(POSITIONS ** 2, cover, pace);
    const whole = score(/** @type {Float32Array} */ (subject.logits), target);
    const values = Float32Array.from(rows, (logits) => whole - score(logits, target));
    return { height: POSITIONS, width: POSITIONS, values };
}

/**
 * Rounded as numpy and Python do: of two equally near, the even one.
 * @param {number} value
 */
function roundHalfEven(value) {
    const below = Math.floor(value);
    const rest = value - below;
    return rest > 0.5 || (rest === 0.5 && below % 2) ? below + 1 : below;
}
