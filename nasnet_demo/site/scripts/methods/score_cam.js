// Faster Score-CAM: show the network only what a channel marks, and see how likely the class still is.

import { softmax } from "../answers.js";
import { enlarge } from "../resample.js";
import { score } from "../subject.js";
import { mean, perChannel, rectified, weighted } from "./cams.js";

/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

const CHANNELS = 10;

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @param {Pace} pace
 * @returns {Promise<Heat>}
 */
export async function scoreCam(subject, target, cell, pace) {
    const [activations] = await subject.at(cell, target);
    const { height, width, values } = activations;
    const spread = perChannel(activations, (some) => {
        const middle = mean(some);
        return Math.fround(Math.sqrt(some.reduce((sum, value) => sum + (value - middle) ** 2, 0) / some.length));
    });
    const busiest = [...spread.keys()].sort((a, b) => spread[b] - spread[a]).slice(0, CHANNELS);
    const draw = (/** @type {number} */ number, /** @type {Float32Array} */ image) => {
        const first = busiest[number] * height * width;
        const part = { height, width, values: values.slice(first, first + height * width) };
        const mask = fromZeroToOne(enlarge(part, subject.size, subject.size).values);
        for (let i = 0; i < image.length; i++) image[i] = subject.image[i] * mask[Math.floor(i / 3)];
    };
    const rows = await subject.forward(busiest.length, draw, pace);
    const weights = new Float64Array(activations.channels);
    busiest.forEach((channel, k) => (weights[channel] = score(softmax(rows[k]), target)));
    return rectified(weighted(activations, weights));
}

/** @param {Float32Array} mask */
function fromZeroToOne(mask) {
    const low = mask.reduce((a, b) => Math.min(a, b));
    const high = mask.reduce((a, b) => Math.max(a, b));
    return mask.map((value) => (high > low ? (value - low) / (high - low) : 0));
}
