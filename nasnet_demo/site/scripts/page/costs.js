// What a network of two cells costs: the layers that nasnet_demo/network/assembly.py makes of them, counted as inventory.py
// does, for NASNet-A Mobile's size.

import { operationOf, SIDES, usedStates } from "./genotype.js";

/** @import {Branch, CellDesign, Pair} from "./genotype.js" */

/** @typedef {{height: number, width: number, channels: number, level: number}} State a hidden state's size, and how often its resolution was halved */

const MOBILE = { cells: 12, filters: 44, stacks: 3, stemFilters: 32, stemReductions: 2, classes: 1001, imageSize: 224 };
const NORMS = 4; // variables of a batch norm, a channel

/**
 * Parameters, and multiply-adds for one picture.
 * @param {Pair} pair
 * @returns {[number, number]}
 */
export function costOf(pair) {
    const count = new Count();
    const size = Math.floor((MOBILE.imageSize - 3) / 2) + 1;
    let current = count.conv({ height: size, width: size, channels: 3, level: 1 }, MOBILE.stemFilters, [3, 3]);
    /** @type {State | null} */
    let previous = null;
    for (const { design, filters, stride } of plan(pair)) {
        const next = count.cell(design, filters, stride, current, previous);
        [previous, current] = [current, next];
    }
    count.parameters += (current.channels + 1) * MOBILE.classes;
    count.macs += current.channels * MOBILE.classes;
    return [count.parameters, count.macs];
}

/** The cells of the network from the first to the last. @param {Pair} pair */
function plan({ normal, reduction }) {
    const reductionsAt = [...Array(MOBILE.stacks - 1).keys()].map((k) => Math.floor(((k + 1) * MOBILE.cells) / MOBILE.stacks));
    const rows = [...Array(MOBILE.stemReductions).keys()].map((stem) => ({
        design: reduction, filters: Math.floor(MOBILE.filters * 2 ** (stem - MOBILE.stemReductions)), stride: 2,
    }));
    let scaling = 1;
    for (let index = 0; index < MOBILE.cells; index++) {
        for (const at of reductionsAt) {
            if (at !== index) continue;
            scaling *= 2;
            rows.push({ design: reduction, filters: MOBILE.filters * scaling, stride: 2 });
        }
        rows.push({ design: normal, filters: MOBILE.filters * scaling, stride: 1 });
    }
    return rows;
}

class Count {
    parameters = 0;
    macs = 0;

    /**
     * A convolution with its batch norm.
     * @param {State} state
     * @param {number} filters
     * @param {[number, number]} kernel
     * @param {[number, number]} [strides]
     * @returns {State}
     */
    conv(state, filters, [high, wide], [down, across] = [1, 1]) {
        const weights = high * wide * state.channels * filters;
        const out = { ...state, height: Math.ceil(state.height / down), width: Math.ceil(state.width / across), channels: filters };
        this.parameters += weights + NORMS * filters;
        this.macs += out.height * out.width * weights;
        return out;
    }

    /**
     * @param {State} state
     * @param {number} filters
     * @param {number} kernel
     * @param {number} stride
     * @returns {State}
     */
    separable(state, filters, kernel, stride) {
        const weights = kernel * kernel * state.channels + state.channels * filters;
        const out = { ...this.halved(state, stride), channels: filters };
        this.parameters += weights + NORMS * filters;
        this.macs += out.height * out.width * weights;
        return out;
    }

    /**
     * @param {State} state
     * @param {number} stride
     * @returns {State}
     */
    halved(state, stride) {
        return { ...state, height: Math.ceil(state.height / stride), width: Math.ceil(state.width / stride), level: state.level + stride - 1 };
    }

    /**
     * @param {State} state
     * @param {number} filters
     * @param {number} [stride]
     * @returns {State}
     */
    project(state, filters, stride = 1) {
        return { ...this.conv(state, filters, [1, 1], [stride, stride]), level: state.level + stride - 1 };
    }

    /**
     * @param {CellDesign} design
     * @param {number} filters
     * @param {number} stride
     * @param {State} current
     * @param {State | null} previous
     * @returns {State}
     */
    cell(design, filters, stride, current, previous) {
        const skip = previous && usedStates(design).has(1) ? this.skip(previous, current.level, filters) : current;
        const states = [this.project(current, filters), skip];
        for (const block of design.blocks) {
            const [left] = SIDES.map((side) => this.branch(block[side], states, filters, stride));
            states.push({ ...left, channels: filters });
        }
        const last = states[states.length - 1];
        for (const index of design.outputs) {
            const state = states[index];
            if (state.level !== last.level) this.factorized(state, filters);
            else if (state.channels !== last.channels) this.conv(state, last.channels, [1, 1]);
        }
        return { ...last, channels: last.channels * design.outputs.length };
    }

    /**
     * @param {State} state
     * @param {number} level
     * @param {number} filters
     */
    skip(state, level, filters) {
        if (state.level !== level) return this.factorized(state, filters);
        return state.channels === filters ? state : this.project(state, filters);
    }

    /**
     * Two paths of half the filters, side by side, with one batch norm.
     * @param {State} state
     * @param {number} filters
     */
    factorized(state, filters) {
        const out = { ...this.halved(state, 2), channels: filters };
        this.parameters += state.channels * filters + NORMS * filters;
        this.macs += out.height * out.width * state.channels * filters;
        return out;
    }

    /**
     * @param {Branch} branch
     * @param {State[]} states
     * @param {number} filters
     * @param {number} ofCell the stride
     * @returns {State}
     */
    branch({ operation, input }, states, filters, ofCell) {
        const state = states[input];
        const stride = input < 2 ? ofCell : 1;
        const { kind, kernels } = operationOf(operation);
        if (kind === "identity") return stride === 1 && state.channels === filters ? state : this.project(state, filters, stride);
        const [[size]] = kernels;
        if (kind === "separable") return this.separable(this.separable(state, filters, size, stride), filters, size, 1);
        if (kind === "dilated_separable") return this.separable(this.halved(state, stride), filters, size, 1);
        if (kind.endsWith("conv")) return this.bottleneck(state, kernels, filters, stride, kind === "dilated_conv");
        const pooled = this.halved(state, stride);
        return pooled.channels === filters ? pooled : this.conv(pooled, filters, [1, 1]);
    }

    /**
     * @param {State} state
     * @param {[number, number][]} kernels
     * @param {number} filters
     * @param {number} stride
     * @param {boolean} dilated
     */
    bottleneck(state, kernels, filters, stride, dilated) {
        const [[height, width]] = kernels;
        if (kernels.length === 1 && height === 1 && width === 1) return this.project(state, filters, stride);
        const narrow = Math.floor(height === 1 && width === 3 ? (filters * 3) / 8 : filters / 4);
        const level = state.level + stride - 1;
        let now = narrow ? this.project(state, narrow) : state;
        if (dilated) now = this.halved(now, stride);
        for (const [high, wide] of kernels) {
            const step = dilated ? 1 : stride;
            now = this.conv(now, narrow || filters, [high, wide], [high > 1 ? step : 1, wide > 1 ? step : 1]);
        }
        now = { ...now, level };
        return narrow ? this.project(now, filters) : now;
    }
}
