// The network made to forget, from its last layer to its first: nasnet_demo/checks/randomisation.py. What lies where comes
// from nasnet_demo/site/scrambling.py.

import { Random } from "./random.js";

const EPSILON = 0.001; // of batch norms

/** @typedef {{name: string, drawn: [string, number[], number][], kernels: [number, number[], string, string, number][], shifts: [number, number, string, number][]}} Stage */

/** The weights of the graphs, stage by stage; everybody gets the same ones. */
export class Cascade {
    random = new Random();
    /** How many stages are scrambled. */
    done = 0;
    /** Where the next numbers to shuffle are. */
    at = 0;

    /**
     * @param {Float32Array} weights as trained
     * @param {Stage[]} stages
     * @param {Float32Array} shuffled
     */
    constructor(weights, stages, shuffled) {
        this.weights = weights.slice();
        this.stages = stages;
        this.shuffled = shuffled;
    }

    /** Scrambles the next stage. */
    next() {
        const { drawn, kernels, shifts } = this.stages[this.done++];
        /** @type {Map<string, {shape: number[], values: Float32Array}>} */
        const made = new Map(drawn.map(([name, shape, deviation]) => [name, { shape, values: this.#drawAnew(shape, deviation) }]));
        const valuesOf = (/** @type {string} */ name) => /** @type {Float32Array} */ (made.get(name)?.values);
        for (const [at, shape, name, norm, first] of kernels) {
            const kernel = /** @type {{shape: number[], values: Float32Array}} */ (made.get(name));
            const into = this.weights.subarray(at, at + sizeOf(shape));
            if (shape.length === 2) into.set(kernel.values);
            else layOut(kernel, name.endsWith("/depthwise_weights"), shape, norm ? factorsOf(norm, valuesOf).subarray(first) : null, into);
        }
        for (const [at, size, name, first] of shifts) {
            this.weights.set(first < 0 ? valuesOf(name) : shiftsOf(name, valuesOf).subarray(first, first + size), at);
        }
    }

    /**
     * An untrained variable of the same shape and standard deviation; one that has no kernel's shape is shuffled.
     * @param {number[]} shape
     * @param {number} deviation
     */
    #drawAnew(shape, deviation) {
        const size = sizeOf(shape);
        if (shape.length > 1) return Float32Array.from({ length: size }, () => deviation * this.random.wideNormal());
        const values = Float64Array.from(this.shuffled.subarray(this.at, (this.at += size)));
        return Float32Array.from(this.random.shuffle(values));
    }
}

/** @param {number[]} shape */
function sizeOf(shape) {
    return shape.reduce((a, b) => a * b, 1);
}

/**
 * A kernel [height, width, input, output] in the order of the graphs [output, input, height, width], or, of a depthwise
 * one, [input, output, height, width]. Where the graph has more channels, they stay zero.
 * @param {{shape: number[], values: Float32Array}} kernel
 * @param {boolean} depthwise
 * @param {number[]} shape of the graph's
 * @param {Float32Array | null} factors of output channels
 * @param {Float32Array} into
 */
function layOut({ shape: [height, width, inputs, outputs], values }, depthwise, [, columns], factors, into) {
    const positions = height * width;
    for (let p = 0, from = 0; p < positions; p++) {
        for (let i = 0; i < inputs; i++) {
            for (let o = 0; o < outputs; o++) {
                const at = depthwise ? i * columns + o : o * columns + i;
                into[at * positions + p] = values[from++] * (factors ? factors[o] : 1);
            }
        }
    }
}

/**
 * What a batch norm multiplies by.
 * @param {string} norm
 * @param {(name: string) => Float32Array} valuesOf
 */
function factorsOf(norm, valuesOf) {
    const variance = valuesOf(`${norm}/moving_variance`);
    return valuesOf(`${norm}/gamma`).map((gamma, c) => gamma / Math.sqrt(variance[c] + EPSILON));
}

/**
 * What it adds.
 * @param {string} norm
 * @param {(name: string) => Float32Array} valuesOf
 */
function shiftsOf(norm, valuesOf) {
    const factors = factorsOf(norm, valuesOf);
    const mean = valuesOf(`${norm}/moving_mean`);
    return valuesOf(`${norm}/beta`).map((beta, c) => beta - mean[c] * factors[c]);
}
