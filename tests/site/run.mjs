// Runs the engine's plain functions for test_scripts.py: the question comes as JSON, and so goes the answer.

import { readFileSync } from "node:fs";

globalThis.ImageData = class {
    constructor(width, height) {
        this.data = new Uint8ClampedArray(4 * width * height);
    }
};

const scripts = "../../nasnet_demo/site/scripts";
const { brightest, normalise, paint } = await import(`${scripts}/colours.js`);
const { fromHalf } = await import(`${scripts}/half.js`);
const { nearest } = await import(`${scripts}/neighbours.js`);
const { npy } = await import(`${scripts}/npy.js`);
const { places, switched } = await import(`${scripts}/places.js`);
const { Random } = await import(`${scripts}/random.js`);
const { enlarge, resize } = await import(`${scripts}/resample.js`);

const asked = JSON.parse(readFileSync(0, "utf-8"));
const many = (count, draw) => Array.from({ length: count }, draw);
const heat = ({ height, width, values }) => ({ height, width, values: Float32Array.from(values) });

const ANSWERS = {
    random() {
        const [normal, wide, uniform, mixed, order] = many(5, () => new Random());
        return {
            normal: many(100_000, () => normal.normal()),
            wide: many(100_000, () => wide.wideNormal()),
            uniform: many(1000, () => uniform.uniform()),
            below: many(1000, () => uniform.below(12)),
            columns: many(9, () => mixed.shuffle([...Array(16).keys()])),
            after: many(20, () => mixed.uniform()),
            order: order.shuffle([...Array(56).keys()]),
        };
    },
    halves: () => many(1 << 16, (_, bits) => fromHalf(bits)).map((value) => (Number.isFinite(value) ? value : null)),
    nearest: ({ features, vectors }) => nearest(features, vectors),
    npy: async (map) => Buffer.from(await npy(heat(map)).arrayBuffer()).toString("base64"),
    switched({ gates, presses }) {
        let off = [];
        return presses.map((place) => (off = switched(gates, off, place)));
    },
    places: ({ gates, cell }) => places(gates, cell),
    resize: ({ pixels, width, height, box }) => [...resize(pixels, width, height, box).values],
    enlarge: ({ map, width, height }) => [...enlarge(heat(map), width, height).values],
    normalise: (map) => [...normalise(heat(map)).values],
    brightest: (map) => brightest(heat(map).values),
    paint: ({ map, width, height, table, signed }) => [...paint(heat(map), width, height, table, { signed }).data],
};

const answers = await Promise.all(asked.map(([what, question]) => ANSWERS[what](question)));
process.stdout.write(JSON.stringify(answers));
