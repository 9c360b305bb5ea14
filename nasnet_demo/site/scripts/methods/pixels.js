// Saliency, Input x gradient, Guided backpropagation, SmoothGrad, Integrated and Expected Gradients: maps of pixels, from
// the gradients of the picture and of others. As the Python files of those names, which say where they are published.

import { Random } from "../random.js";

/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

const SAMPLES = 20; // of SmoothGrad
const NOISE = 0.15; // their standard deviation, as a share of the picture's range
const ON_THE_WAY = 50; // of Integrated Gradients

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @returns {Promise<Heat>}
 */
export async function saliency(subject, target) {
    return largest(subject, (await subject.backward(target)).pixels);
}

/** @type {typeof saliency} */
export async function inputTimesGradient(subject, target) {
    const { pixels } = await subject.backward(target);
    return summed(subject, pixels.map((gradient, i) => gradient * subject.image[i]));
}

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @param {Pace} pace
 * @returns {Promise<Heat>}
 */
export async function guidedBackpropagation(subject, target, cell, pace) {
    const same = (/** @type {number} */ _, /** @type {Float32Array} */ image) => image.set(subject.image);
    const found = await meanGradient(subject, 1, same, target, pace, "guided");
    return largest(subject, found);
}

/** @type {typeof guidedBackpropagation} */
export async function smoothGrad(subject, target, cell, pace) {
    const { image } = subject;
    const range = image.reduce((a, b) => Math.max(a, b)) - image.reduce((a, b) => Math.min(a, b));
    const random = new Random();
    const noisy = (/** @type {number} */ _, /** @type {Float32Array} */ made) => {
        for (let i = 0; i < made.length; i++) made[i] = image[i] + NOISE * range * random.normal();
    };
    return largest(subject, await meanGradient(subject, SAMPLES, noisy, target, pace));
}

/** @type {typeof guidedBackpropagation} */
export async function integratedGradients(subject, target, cell, pace) {
    const { image } = subject;
    const darker = (/** @type {number} */ step, /** @type {Float32Array} */ made) => {
        for (let i = 0; i < made.length; i++) made[i] = (image[i] * (step + 0.5)) / ON_THE_WAY;
    };
    const gradient = await meanGradient(subject, ON_THE_WAY, darker, target, pace);
    return summed(subject, gradient.map((value, i) => value * image[i]));
}

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @param {Pace} pace
 * @param {() => Promise<Uint8Array>} photographs as the network sees them, one after another
 * @returns {Promise<Heat>}
 */
export async function expectedGradients(subject, target, cell, pace, photographs) {
    const { image } = subject;
    const all = await photographs();
    const length = image.length;
    const count = all.length / length;
    const order = new Random().shuffle([...Array(count).keys()]);
    const other = (/** @type {number} */ k, /** @type {number} */ i) => Math.fround(all[k * length + i] / 255);
    const between = (/** @type {number} */ k, /** @type {Float32Array} */ made) => {
        const distance = Math.fround(order[k] + 0.5) / count;
        for (let i = 0; i < length; i++) made[i] = other(k, i) + distance * (image[i] - other(k, i));
    };
    const shares = new Float64Array(length);
    await subject.gradients(
        count,
        between,
        target,
        (k, gradient) => gradient.forEach((value, i) => (shares[i] += ((image[i] - other(k, i)) * value) / count)),
        pace,
    );
    return summed(subject, shares);
}

/**
 * @param {Subject} subject
 * @param {number} count
 * @param {(number: number, image: Float32Array) => void} draw
 * @param {Float32Array} target
 * @param {Pace} pace
 * @param {string} [kind]
 */
async function meanGradient(subject, count, draw, target, pace, kind) {
    const sum = new Float64Array(subject.image.length);
    const add = (/** @type {number} */ _, /** @type {Float32Array} */ gradient) =>
        gradient.forEach((value, i) => (sum[i] += value / count));
    await subject.gradients(count, draw, target, add, pace, kind);
    return sum;
}

/**
 * The largest magnitude over the colours of each pixel.
 * @param {Subject} subject
 * @param {Float32Array | Float64Array} pixels
 * @returns {Heat}
 */
function largest({ size }, pixels) {
    const of = (/** @type {number} */ i) => Math.max(...[0, 1, 2].map((c) => Math.abs(pixels[3 * i + c])));
    return { height: size, width: size, values: Float32Array.from({ length: size * size }, (_, i) => of(i)) };
}

/**
 * The sum over the colours of each pixel.
 * @param {Subject} subject
 * @param {Float32Array | Float64Array} pixels
 * @returns {Heat}
 */
function summed({ size }, pixels) {
    const of = (/** @type {number} */ i) => pixels[3 * i] + pixels[3 * i + 1] + pixels[3 * i + 2];
    return { height: size, width: size, values: Float32Array.from({ length: size * size }, (_, i) => of(i)) };
}
