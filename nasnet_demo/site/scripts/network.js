// The network in onnxruntime-web: its weights, unpacked once, and a session for each graph, opened when first asked for.

import { fromHalf } from "./half.js";

/** @typedef {{channels: number, height: number, width: number, values: Float32Array}} Cube activations or gradients */
/** @typedef {string | Blob} Source a file: its address, or itself */
/** @typedef {Record<string, {data: Float32Array, dims: readonly number[]}>} Outputs */

const PIXELS_AT_ONCE = 40_000; // in a batch: more take more memory and are no faster
const MOST_THREADS = 4;

export class Network {
    /**
     * @param {any} runtime onnxruntime-web
     * @param {Record<string, Source>} graphs by kind
     * @param {Float32Array} weights
     * @param {{location: string, head: number, features: number}} manifest
     * @param {number} size pixels a side of a picture
     * @param {number} classes
     */
    constructor(runtime, graphs, weights, manifest, size, classes) {
        this.runtime = runtime;
        this.graphs = graphs;
        this.weights = weights;
        this.manifest = manifest;
        this.size = size;
        this.classes = classes;
        this.batch = Math.max(1, Math.floor(PIXELS_AT_ONCE / (size * size)));
        /** @type {Map<string, Promise<any>>} */
        this.sessions = new Map();
    }

    /** Weights of the last layer: a row of classes for each feature. */
    get head() {
        const { head, features } = this.manifest;
        return this.weights.subarray(head, head + features * this.classes);
    }

    /**
     * The outputs of a graph for a batch of inputs, each with its shape.
     * @param {string} kind
     * @param {Record<string, [Float32Array, number[]]>} inputs
     * @returns {Promise<Outputs>}
     */
    async run(kind, inputs) {
        const session = await this.session(kind);
        const made = Object.entries(inputs).map(([name, [values, shape]]) => [
            name,
            new this.runtime.Tensor("float32", values, shape),
        ]);
        return session.run(Object.fromEntries(made));
    }

    /** @param {string} kind */
    session(kind) {
        let session = this.sessions.get(kind);
        if (!session) {
            session = this.#open(kind);
            this.sessions.set(kind, session);
            session.catch(() => this.sessions.delete(kind)); // the next question tries again
        }
        return session;
    }

    /**
     * The same network with other weights; it has sessions of its own, to be ended by `close`.
     * @param {Float32Array} weights
     */
    using(weights) {
        return new Network(this.runtime, this.graphs, weights, this.manifest, this.size, this.classes);
    }

    /** Gives the memory of all sessions back. */
    async close() {
        const open = await Promise.all(this.sessions.values());
        this.sessions.clear();
        for (const session of open) await session.release();
    }

    /** @param {string} kind */
    async #open(kind) {
        const graph = new Uint8Array(await bytes(this.graphs[kind]));
        return this.runtime.InferenceSession.create(graph, {
            executionProviders: ["wasm"],
            graphOptimizationLevel: "all",
            externalData: [{ path: this.manifest.location, data: new Uint8Array(this.weights.buffer) }],
        });
    }
}

/**
 * The network with its runtime loaded and the graph of the forward pass open.
 * @param {{module: string, wasm: Source, weights: Source, manifest: Source, graphs: Record<string, Source>}} files
 * @param {{imageSize: number, classes: number}} facts
 * @param {(share: number) => void} progress
 * @returns {Promise<Network>}
 */
export async function loadNetwork(files, { imageSize, classes }, progress) {
    const [runtime, packed, manifest] = await Promise.all([
        import(files.module),
        bytes(files.weights),
        bytes(files.manifest).then((text) => JSON.parse(new TextDecoder().decode(text))),
    ]);
    progress(0.3);
    if (typeof files.wasm === "string") runtime.env.wasm.wasmPaths = { wasm: files.wasm };
    else runtime.env.wasm.wasmBinary = await bytes(files.wasm);
    runtime.env.wasm.numThreads = globalThis.crossOriginIsolated
        ? Math.min(MOST_THREADS, navigator.hardwareConcurrency)
        : 1;
    const network = new Network(runtime, files.graphs, widened(packed, manifest), manifest, imageSize, classes);
    await network.session("forward");
    progress(1);
    return network;
}

/**
 * The file of weights as the graphs want it: all in float32, each kernel times the factors of its output channels.
 * @param {ArrayBuffer} packed
 * @param {{parts: {size: number, half: boolean, scales: number}[]}} manifest
 * @returns {Float32Array}
 */
export function widened(packed, { parts }) {
    const made = new Float32Array(parts.reduce((sum, part) => sum + part.size, 0));
    const table = Float32Array.from({ length: 1 << 16 }, (_, bits) => fromHalf(bits));
    let from = 0;
    let to = 0;
    for (const { size, half, scales } of parts) {
        const part = made.subarray(to, (to += size));
        if (half) unpackHalves(new Uint8Array(packed, from, 2 * size), part, table);
        else part.set(new Float32Array(packed, from, size));
        from += Math.ceil((size * (half ? 2 : 4)) / 4) * 4;
        if (!scales) continue;
        const factors = new Float32Array(packed, from, scales);
        from += scales * 4;
        const each = size / scales; // numbers an output channel
        for (let i = 0; i < size; i++) part[i] *= factors[Math.floor(i / each)];
    }
    return made;
}

/**
 * @param {Uint8Array} bytes the lower ones of all numbers, then the upper ones
 * @param {Float32Array} made
 * @param {Float32Array} table the value of every 16 bits
 */
function unpackHalves(bytes, made, table) {
    for (let i = 0; i < made.length; i++) made[i] = table[bytes[i] | (bytes[made.length + i] << 8)];
}

/**
 * The bytes of a file, by its address or as itself.
 * @param {Source} source
 */
export async function bytes(source) {
    if (typeof source !== "string") return source.arrayBuffer();
    const answer = await fetch(source);
    if (!answer.ok) throw new Error(`${source} cannot be loaded: ${answer.status}`);
    return answer.arrayBuffer();
}

/**
 * The first of a batch of activations [B, C, h, w].
 * @param {{data: Float32Array, dims: readonly number[]}} output
 * @returns {Cube}
 */
export function cube({ data, dims: [, channels, height, width] }) {
    return { channels, height, width, values: data.slice(0, channels * height * width) };
}

/**
 * The first of a batch of activations [B, h, w, C].
 * @param {{data: Float32Array, dims: readonly number[]}} output
 * @returns {Cube}
 */
export function cubeOfLast({ data, dims: [, height, width, channels] }) {
    const values = new Float32Array(channels * height * width);
    const positions = height * width;
    for (let i = 0; i < positions; i++) {
        for (let c = 0; c < channels; c++) values[c * positions + i] = data[i * channels + c];
    }
    return { channels, height, width, values };
}
