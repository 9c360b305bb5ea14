// Eigen-CAM: the strongest pattern in a cell's activations, whatever the class, found by power iteration.

import { rectified } from "./cams.js";

/** @import {Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

const TRIES = 5000;
const STILL = 1e-12; // the squared change of a unit vector at which it is found

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @returns {Promise<Heat>}
 */
export async function eigenCam(subject, target, cell) {
    const [{ channels, height, width, values }] = await subject.at(cell, target);
    const positions = height * width;
    const pattern = strongest(crossProducts(values, channels, positions), positions);
    const sum = pattern.reduce((a, b) => a + b, 0);
    return rectified({ height, width, values: Float32Array.from(pattern, (value) => value * Math.sign(sum)) });
}

/**
 * The products of every two positions' activations, summed over the channels: [positions, positions].
 * @param {Float32Array} values [channels, positions]
 * @param {number} channels
 * @param {number} positions
 */
function crossProducts(values, channels, positions) {
    const made = new Float64Array(positions * positions);
    for (let c = 0; c < channels; c++) {
        const row = values.subarray(c * positions, (c + 1) * positions);
        for (let i = 0; i < positions; i++) {
            if (!row[i]) continue;
            for (let j = 0; j <= i; j++) made[i * positions + j] += row[i] * row[j];
        }
    }
    for (let i = 0; i < positions; i++) for (let j = 0; j < i; j++) made[j * positions + i] = made[i * positions + j];
    return made;
}

/**
 * The first eigenvector of a symmetric matrix [n, n], times the root of its eigenvalue.
 * @param {Float64Array} matrix
 * @param {number} n
 */
function strongest(matrix, n) {
    let vector = new Float64Array(n).map((_, i) => 1 + i / n); // no pattern is at a right angle to it but by chance
    let length = 0;
    for (let step = 0; step < TRIES; step++) {
        const next = new Float64Array(n);
        for (let i = 0, k = 0; i < n; i++) for (let j = 0; j < n; j++) next[i] += matrix[k++] * vector[j];
        length = Math.hypot(...next);
        if (!length) return next;
        const change = next.reduce((sum, value, i) => sum + (value / length - vector[i]) ** 2, 0);
        vector = next.map((value) => value / length);
        if (change < STILL) break;
    }
    return vector.map((value) => value * Math.sqrt(length));
}
