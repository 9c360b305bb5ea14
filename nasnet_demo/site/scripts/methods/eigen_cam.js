// Eigen-CAM: the strongest pattern in a cell's activations, whatever the class, found by power iteration.

import { rectified, weighted } from "./cams.js";

/** @import {Cube} from "../network.js" */
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
    const [activations] = await subject.at(cell, target);
    const { height, width, values } = pattern(activations);
    const sign = Math.sign(values.reduce((a, b) => a + b, 0));
    return rectified({ height, width, values: values.map((value) => value * sign) });
}

/**
 * The activations projected on their first singular vector, from the products of channels or of positions, whichever are
 * fewer.
 * @param {Cube} activations
 * @returns {Heat}
 */
function pattern(activations) {
    const { channels, height, width, values } = activations;
    const positions = height * width;
    if (channels <= positions) return weighted(activations, strongest(crossProducts(values, channels, positions)).vector);
    const turned = new Float32Array(values.length);
    for (let c = 0; c < channels; c++) for (let p = 0; p < positions; p++) turned[p * channels + c] = values[c * positions + p];
    const { vector, length } = strongest(crossProducts(turned, positions, channels));
    return { height, width, values: Float32Array.from(vector, (value) => value * Math.sqrt(length)) };
}

/**
 * The products of every two rows: [count, count].
 * @param {Float32Array} values [count, length]
 * @param {number} count
 * @param {number} length
 */
function crossProducts(values, count, length) {
    return Array.from({ length: count }, (_, i) =>
        Float64Array.from({ length: count }, (_, j) => {
            let sum = 0;
            for (let k = 0; k < length; k++) sum += values[i * length + k] * values[j * length + k];
            return sum;
        }),
    );
}

/**
 * The first eigenvector of a symmetric matrix, and its eigenvalue.
 * @param {Float64Array[]} matrix
 */
function strongest(matrix) {
    let vector = Float64Array.from(matrix, (_, i) => 1 + i / matrix.length); // not by design at a right angle to it
    let length = 0;
    for (let step = 0; step < TRIES; step++) {
        const next = Float64Array.from(matrix, (row) => row.reduce((sum, value, j) => sum + value * vector[j], 0));
        length = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
        if (!length) break;
        const change = next.reduce((sum, value, i) => sum + (value / length - vector[i]) ** 2, 0);
        vector = next.map((value) => value / length);
        if (change < STILL) break;
    }
    return { vector, length };
}
