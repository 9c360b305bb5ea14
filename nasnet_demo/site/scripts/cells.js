// Inside the cells: operations switched off, what a part gives, and which operations mattered. As nasnet_demo/cells/.

import { softmax } from "./answers.js";
import { isOff, row, select, switched } from "./places.js";
import { cube } from "./network.js";

/** @import {Cube} from "./network.js" */
/** @import {Pace, Subject} from "./subject.js" */
/** @import {Gate, Heat, Opened, Part} from "./types.js" */

const STRONGEST = 12; // channels of a part

/**
 * @param {Subject} subject
 * @param {Gate[]} gates
 * @param {string[]} off
 * @param {string} place
 * @returns {Promise<Opened>}
 */
export async function opened(subject, gates, off, place) {
    const found = await run(subject, gates, off);
    const cells = [...new Set(gates.map((gate) => gate.cell))];
    const energies = cells.map((cell) => [cell, meanEnergy(cube(found[`${cell}/cell_output`]))]);
    const logits = found.logits?.data.slice() ?? new Float32Array(0);
    const closed = isOff(gates, off, place);
    const before = closed ? await run(subject, gates, switched(gates, off, place)) : found;
    return {
        logits,
        probabilities: softmax(logits),
        energies: Object.fromEntries(energies),
        part: part(cube(before[output(gates, place)]), closed),
    };
}

/**
 * @param {Subject} subject
 * @param {Gate[]} gates
 * @param {string[]} off
 */
function run({ network, image, size }, gates, off) {
    return network.run("open", { images: [image, [1, size, size, 3]], gates: [row(gates, off), [1, gates.length]] });
}

/**
 * What the open graph calls a part's output.
 * @param {Gate[]} gates
 * @param {string} place
 */
export function output(gates, place) {
    const { cell, block, side } = gates[select(gates, place)[0]];
    const scope = `${cell}/comb_iter_${block}`;
    return [`${cell}/cell_output`, `${scope}/combine`, `${scope}/${side}`][place.split(":").length - 1];
}

/**
 * @param {Cube} activations
 * @param {boolean} off
 * @returns {Part}
 */
function part(activations, off) {
    const { channels, height, width, values } = activations;
    const positions = height * width;
    const maps = Array.from({ length: channels }, (_, c) =>
        values.slice(c * positions, (c + 1) * positions).map((value) => Math.max(value, 0)),
    );
    const squares = maps.map((some) => Math.fround(some.reduce((sum, value) => sum + value * value, 0) / positions));
    const order = [...maps.keys()].sort((a, b) => squares[b] - squares[a]).slice(0, STRONGEST);
    return {
        off,
        channels,
        mean: meanEnergy(activations),
        max: { height, width, values: maps[0].map((_, i) => maps.reduce((most, some) => Math.max(most, some[i]), 0)) },
        strongest: order.map((channel) => ({ channel, heat: { height, width, values: maps[channel] } })),
    };
}

/**
 * Where all channels together are active: the root of their mean square; values below zero count as zero.
 * @param {Cube} activations
 * @returns {Heat}
 */
function meanEnergy({ channels, height, width, values }) {
    const sums = new Float64Array(height * width);
    values.forEach((value, i) => (sums[i % sums.length] += Math.max(value, 0) ** 2));
    return { height, width, values: Float32Array.from(sums, (sum) => Math.sqrt(sum / channels)) };
}

/**
 * The logits as trained, then without each operation in turn.
 * @param {Subject} subject
 * @param {Gate[]} gates
 * @param {Pace} pace
 * @returns {Promise<Float32Array[]>}
 */
export async function leaveOneOut({ network, image, size, logits }, gates, pace) {
    const rows = [/** @type {Float32Array} */ (logits).slice()];
    for (let first = 0; first < gates.length; first += network.batch) {
        await pace(first / gates.length);
        const count = Math.min(network.batch, gates.length - first);
        const images = new Float32Array(count * image.length);
        const factors = new Float32Array(count * gates.length).fill(1);
        for (let k = 0; k < count; k++) {
            images.set(image, k * image.length);
            factors[k * gates.length + first + k] = 0;
        }
        const found = await network.run("open", {
            images: [images, [count, size, size, 3]],
            gates: [factors, [count, gates.length]],
        });
        const classes = network.classes;
        for (let k = 0; k < count; k++) rows.push(found.logits.data.slice(k * classes, (k + 1) * classes));
    }
    return rows;
}

/**
 * d logit / d gate of every operation.
 * @param {Subject} subject
 * @param {number} target
 * @returns {Promise<Float32Array>}
 */
export async function gateGradients(subject, target) {
    const { network, image, size } = subject;
    const found = await network.run("gates", {
        images: [image, [1, size, size, 3]],
        seed: [subject.target(target), [1, network.classes]],
    });
    return found.gates.data.slice();
}

/**
 * Which photographs excite each channel of a part most: numbers of photographs, most excited first, by channel.
 * @param {Subject[]} photographs
 * @param {Gate[]} gates
 * @param {string} place
 * @param {Pace} pace
 * @returns {Promise<number[][]>}
 */
export async function favourites(photographs, gates, place, pace) {
    const name = output(gates, place);
    /** @type {Float32Array[]} */
    const highest = [];
    for (const [number, photograph] of photographs.entries()) {
        await pace(number / photographs.length);
        const { channels, height, width, values } = cube((await run(photograph, gates, []))[name]);
        const positions = height * width;
        const most = (/** @type {number} */ c) =>
            values.subarray(c * positions, (c + 1) * positions).reduce((a, b) => Math.max(a, b));
        highest.push(Float32Array.from({ length: channels }, (_, c) => most(c)));
    }
    return Array.from(highest[0], (_, c) => [...highest.keys()].sort((a, b) => highest[b][c] - highest[a][c]));
}
