// Sensitivity-n (Ancona et al., arXiv:1711.06104): do a map's values add up to what the network does? As
// nasnet_demo/checks/sensitivity.py.

import { Random } from "./random.js";
import { replacement } from "./removal.js";
import { enlarge } from "./resample.js";

/** @import {Pace, Subject} from "./subject.js" */
/** @import {Heat} from "./types.js" */

const PATCHES = 12; // a side
const TAKEN_AWAY = [1, 4, 14, 43, 101]; // patches: n
const DRAWS = 48; // for each n

/**
 * Correlations of maps with the network, -1 to 1, averaged over n.
 * @param {Subject} subject
 * @param {{target: number, heats: Heat[], baseline: "blur" | "mean"}} test
 * @param {Pace} pace
 * @returns {Promise<number[]>}
 */
export async function addsUp(subject, { target, heats, baseline }, pace) {
    const { image, size } = subject;
    const nothing = replacement(image, size, baseline);
    const random = new Random();
    const patches = [...Array(PATCHES ** 2).keys()];
    const gone = TAKEN_AWAY.flatMap((count) => Array.from({ length: DRAWS }, () => random.shuffle([...patches]).map((turn) => turn < count)));
    const patch = patchOf(size);
    const without = (/** @type {number} */ k, /** @type {Float32Array} */ made) => {
        for (let i = 0; i < made.length; i++) made[i] = gone[k][patch[Math.floor(i / 3)]] ? nothing[i] : image[i];
    };
    const rows = await subject.forward(gone.length, without, pace);
    const drops = rows.map((logits) => /** @type {Float32Array} */ (subject.logits)[target] - logits[target]);
    return heats.map((heat) => {
        const sums = patchSums(heat, size, patch);
        const lost = gone.map((away) => sums.reduce((sum, value, i) => sum + (away[i] ? value : 0), 0));
        const found = TAKEN_AWAY.map((_, n) => correlation(lost.slice(n * DRAWS, (n + 1) * DRAWS), drops.slice(n * DRAWS, (n + 1) * DRAWS)));
        return found.reduce((a, b) => a + b, 0) / found.length;
    });
}

/**
 * Which patch each pixel belongs to.
 * @param {number} size
 */
function patchOf(size) {
    const at = (/** @type {number} */ place) => Math.floor((place * PATCHES) / size);
    return Int32Array.from({ length: size * size }, (_, i) => at(Math.floor(i / size)) * PATCHES + at(i % size));
}

/**
 * The enlarged map's sum over each patch.
 * @param {Heat} heat
 * @param {number} size
 * @param {Int32Array} patch
 */
function patchSums(heat, size, patch) {
    const sums = new Float64Array(PATCHES ** 2);
    enlarge(heat, size, size).values.forEach((value, i) => (sums[patch[i]] += value));
    return sums;
}

/**
 * Pearson's; 0 where either side does not vary.
 * @param {number[]} some
 * @param {number[]} others
 */
function correlation(some, others) {
    const centred = (/** @type {number[]} */ values) => {
        const middle = values.reduce((a, b) => a + b, 0) / values.length;
        return values.map((value) => value - middle);
    };
    const [one, other] = [centred(some), centred(others)];
    const product = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const scale = Math.sqrt(product(one, one) * product(other, other));
    return scale > 0 ? product(one, other) / scale : 0;
}
