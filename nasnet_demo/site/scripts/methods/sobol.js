// Sobol attribution: how much of the answer's ups and downs is due to a square, alone or together with others.

import { Random } from "../random.js";
import { score } from "../subject.js";

/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

const CELLS = 8; // squares a side
const DESIGNS = 16; // pairs of random pictures

/**
 * Total Sobol index of every square, by Jansen's formula; all 0 if nothing changes the score.
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {string} cell
 * @param {Pace} pace
 * @returns {Promise<Heat>}
 */
export async function sobol(subject, target, cell, pace) {
    const count = CELLS * CELLS;
    const random = new Random();
    const first = latinHypercube(random, DESIGNS, count);
    const other = latinHypercube(random, DESIGNS, count);
    const designs = [...first, ...other];
    for (let factor = 0; factor < count; factor++) {
        first.forEach((row, d) => designs.push(row.with(factor, other[d][factor])));
    }
    const scores = await lit(subject, target, designs, pace);
    const base = scores.slice(0, 2 * DESIGNS);
    const mean = base.reduce((a, b) => a + b, 0) / base.length;
    const variance = base.reduce((sum, value) => sum + (value - mean) ** 2, 0) / base.length;
    const values = Float32Array.from({ length: count }, (_, factor) => {
        const changed = scores.slice((2 + factor) * DESIGNS, (3 + factor) * DESIGNS);
        const squares = changed.reduce((sum, value, d) => sum + (value - base[d]) ** 2, 0);
        return variance ? squares / DESIGNS / (2 * variance) : 0;
    });
    return { height: CELLS, width: CELLS, values };
}

/**
 * The score of the picture with its squares darkened by each row of factors.
 * @param {Subject} subject
 * @param {Float32Array} target
 * @param {Float64Array[]} designs
 * @param {Pace} pace
 */
async function lit(subject, target, designs, pace) {
    const { image, size } = subject;
    const square = (/** @type {number} */ place) => Math.floor((place * CELLS) / size);
    const darken = (/** @type {number} */ k, /** @type {Float32Array} */ made) => {
        for (let y = 0, i = 0; y < size; y++) {
            for (let x = 0; x < size; x++) {
                const light = Math.fround(designs[k][square(y) * CELLS + square(x)]);
                for (let c = 0; c < 3; c++, i++) made[i] = image[i] * light;
            }
        }
    };
    const rows = await subject.forward(designs.length, darken, pace);
    return rows.map((logits) => score(logits, target));
}

/**
 * Factors, a row a design: each factor takes one value from every designs-th of [0, 1], in an order of its own.
 * @param {Random} random
 * @param {number} designs
 * @param {number} count
 * @returns {Float64Array[]}
 */
function latinHypercube(random, designs, count) {
    const strata = Array.from({ length: count }, () => random.shuffle([...Array(designs).keys()]));
    return Array.from({ length: designs }, (_, d) =>
        Float64Array.from({ length: count }, (_, factor) => (strata[factor][d] + random.uniform()) / designs),
    );
}
