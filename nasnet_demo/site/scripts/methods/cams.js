// Grad-CAM, HiResCAM, Grad-CAM++ and LayerCAM: the activations of a cell, weighted by gradients. As the Python files of
// those names, which say where they are published.

/** @import {Cube} from "../network.js" */
/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @returns {Promise<Heat>}
 */
export async function gradCam(subject, target, cell) {
    const [activations, gradients] = await subject.at(cell, target);
    return rectified(weighted(activations, perChannel(gradients, (some) => mean(some))));
}

/** @type {typeof gradCam} */
export async function hiResCam(subject, target, cell) {
    return products(...(await subject.at(cell, target)), (a, g) => a * g);
}

/** @type {typeof gradCam} */
export async function layerCam(subject, target, cell) {
    return rectified(products(...(await subject.at(cell, target)), (a, g) => a * Math.max(g, 0)));
}

/** @type {typeof gradCam} */
export async function gradCamPlusPlus(subject, target, cell) {
    const [given, slopes] = await subject.at(cell, target);
    const activations = { ...given, values: given.values.map((a) => Math.max(a, 0)) };
    const gradients = { ...slopes, values: slopes.values.map((g) => Math.max(g, 0)) };
    const sums = perChannel(activations, (some) => some.reduce((a, b) => a + b, 0));
    const weights = perChannel(gradients, (some, c) => {
        let total = 0;
        let product = 0;
        for (const g of some) {
            const alpha = g > 0 ? 1 / (2 + g * sums[c]) : 0;
            total += alpha;
            product += alpha * g;
        }
        return product / (total || 1);
    });
    return rectified(weighted(activations, weights));
}

/**
 * What `of` makes of every channel's values.
 * @param {Cube} cube
 * @param {(some: Float32Array, channel: number) => number} of
 * @returns {number[]}
 */
export function perChannel({ channels, height, width, values }, of) {
    const positions = height * width;
    return Array.from({ length: channels }, (_, c) => of(values.subarray(c * positions, (c + 1) * positions), c));
}

/** @param {Float32Array} values */
export function mean(values) {
    return values.reduce((a, b) => a + b, 0) / values.length;
}

/**
 * The sum over channels of activation * weight.
 * @param {Cube} cube
 * @param {ArrayLike<number>} weights
 * @returns {Heat}
 */
export function weighted({ height, width, values }, weights) {
    const sums = new Float64Array(height * width);
    for (let c = 0, i = 0; c < weights.length; c++) {
        for (let p = 0; p < sums.length; p++) sums[p] += values[i++] * weights[c];
    }
    return { height, width, values: Float32Array.from(sums) };
}

/**
 * The sum over channels of what `of` makes of activation and gradient.
 * @param {Cube} activations
 * @param {Cube} gradients
 * @param {(activation: number, gradient: number) => number} of
 * @returns {Heat}
 */
function products({ height, width, values }, gradients, of) {
    const sums = new Float64Array(height * width);
    values.forEach((a, i) => (sums[i % sums.length] += of(a, gradients.values[i])));
    return { height, width, values: Float32Array.from(sums) };
}

/**
 * @param {Heat} heat
 * @returns {Heat}
 */
export function rectified({ height, width, values }) {
    return { height, width, values: values.map((value) => Math.max(value, 0)) };
}
