// One picture and the network, as the methods see them (nasnet_demo/explanations/subject.py).

import { argmax, softmax } from "./answers.js";
import { cube, cubeOfLast } from "./network.js";

/** @import {Cube, Network} from "./network.js" */
/** @import {Heat} from "./types.js" */
/** @typedef {(share: number) => Promise<void>} Pace says how much is done, and lets other messages in */

export const ACTIVATIONS = "activations"; // the rectified output of the last cell
const REMEMBERED = 2; // backward passes of a picture

export class Subject {
    /**
     * @param {Network} network
     * @param {Float32Array} image [S, S, 3] in [0, 1]
     * @param {string[]} cells
     */
    constructor(network, image, cells) {
        this.network = network;
        this.image = image;
        this.cells = cells;
        this.size = network.size;
        /** @type {Map<string, {cells: Map<string, [Cube, Cube]>, pixels: Float32Array}>} */
        this.passes = new Map();
    }

    /** Runs the network; to be awaited once. */
    async look() {
        const found = await this.network.run("forward", { images: [this.image, [1, this.size, this.size, 3]] });
        this.activations = cubeOfLast(found.activations);
        this.features = found.features.data.slice();
        this.logits = found.logits?.data.slice() ?? new Float32Array(0);
        this.probabilities = softmax(this.logits);
        if (![...this.features, ...this.logits].every(Number.isFinite)) {
            throw new Error("the network's answer is not a finite number: its weights are damaged or too large");
        }
        return this;
    }

    /**
     * Weights of the logits: one class, or one minus another.
     * @param {number} [index] by default the likeliest class
     * @param {number} [versus]
     * @returns {Float32Array}
     */
    target(index = argmax(this.logits ?? []), versus) {
        if (versus === index) throw new Error("a class cannot be compared with itself");
        const target = new Float32Array(this.network.classes);
        target[index] = 1;
        if (versus !== undefined) target[versus] -= 1;
        return target;
    }

    /**
     * Activations and gradients of one cell. Of the last activations this is a closed form: the head is a mean and a
     * dense layer, so the gradient is the same at every position.
     * @param {string} cell
     * @param {Float32Array} target
     * @returns {Promise<[Cube, Cube]>}
     */
    async at(cell, target) {
        if (cell !== ACTIVATIONS) {
            return /** @type {[Cube, Cube]} */ ((await this.backward(target)).cells.get(cell));
        }
        const activations = /** @type {Cube} */ (this.activations);
        const { channels, height, width } = activations;
        const values = new Float32Array(channels * height * width);
        this.headTimes(target).forEach((weight, c) => {
            values.fill(weight / (height * width), c * height * width, (c + 1) * height * width);
        });
        return [activations, { channels, height, width, values }];
    }

    /**
     * How much a target gains from each feature.
     * @param {Float32Array} target
     * @returns {Float32Array}
     */
    headTimes(target) {
        const { head, classes } = this.network;
        const chosen = [...target.keys()].filter((i) => target[i]);
        return Float32Array.from({ length: head.length / classes }, (_, c) =>
            chosen.reduce((sum, i) => sum + head[c * classes + i] * target[i], 0),
        );
    }

    /**
     * Activations and gradients of every cell by name, and the gradient of the picture, from one backward pass.
     * @param {Float32Array} target
     */
    async backward(target) {
        const key = target.join();
        const known = this.passes.get(key);
        if (known) return known;
        const found = await this.network.run("cells", {
            images: [this.image, [1, this.size, this.size, 3]],
            seed: [target, [1, target.length]],
        });
        const outputs = Object.values(found);
        const pairs = this.cells.map((name, i) => [
            name,
            [cube(outputs[i]), cube(outputs[this.cells.length + i])],
        ]);
        const pass = { cells: new Map(/** @type {any} */ (pairs)), pixels: outputs[outputs.length - 1].data.slice() };
        if (this.passes.size >= REMEMBERED) this.passes.delete(/** @type {string} */ (this.passes.keys().next().value));
        this.passes.set(key, pass);
        return pass;
    }

    /**
     * The logits of other pictures, which `draw` makes one by one: it writes the picture of a number into its argument.
     * @param {number} count
     * @param {(number: number, image: Float32Array) => void} draw
     * @param {Pace} pace
     * @returns {Promise<Float32Array[]>}
     */
    async forward(count, draw, pace) {
        const classes = this.network.classes;
        /** @type {Float32Array[]} */
        const rows = [];
        await this.#batches(count, draw, pace, async (images, size, first) => {
            const { logits } = await this.network.run("forward", { images: [images, [size, this.size, this.size, 3]] });
            for (let k = 0; k < size; k++) rows[first + k] = logits.data.slice(k * classes, (k + 1) * classes);
        });
        return rows;
    }

    /**
     * The gradients of target @ logits at other pictures; `take` gets each with its number.
     * @param {number} count
     * @param {(number: number, image: Float32Array) => void} draw
     * @param {Float32Array} target
     * @param {(number: number, gradient: Float32Array) => void} take
     * @param {Pace} pace
     * @param {string} [kind] "guided" for rectifiers that pass positive gradients only
     */
    async gradients(count, draw, target, take, pace, kind = "pixels") {
        await this.#batches(count, draw, pace, async (images, size, first) => {
            const seed = new Float32Array(size * target.length);
            for (let k = 0; k < size; k++) seed.set(target, k * target.length);
            const found = await this.network.run(kind, {
                images: [images, [size, this.size, this.size, 3]],
                seed: [seed, [size, target.length]],
            });
            const all = Object.values(found)[0].data;
            const length = this.image.length;
            for (let k = 0; k < size; k++) take(first + k, all.subarray(k * length, (k + 1) * length));
        });
    }

    /**
     * @param {number} count
     * @param {(number: number, image: Float32Array) => void} draw
     * @param {Pace} pace
     * @param {(images: Float32Array, size: number, first: number) => Promise<void>} run
     */
    async #batches(count, draw, pace, run) {
        const length = this.image.length;
        for (let first = 0; first < count; first += this.network.batch) {
            await pace(first / count);
            const size = Math.min(this.network.batch, count - first);
            const images = new Float32Array(size * length);
            for (let k = 0; k < size; k++) draw(first + k, images.subarray(k * length, (k + 1) * length));
            await run(images, size, first);
        }
    }
}

/**
 * The product of a target and the logits.
 * @param {Float32Array} logits
 * @param {Float32Array} target
 */
export function score(logits, target) {
    return logits.reduce((sum, logit, i) => sum + (target[i] ? logit * target[i] : 0), 0);
}
