// numpy's random numbers: `numpy.random.default_rng(seed)`, number for number, so that methods with noise draw the same maps
// on both sides. The generator is PCG64 (O'Neill, pcg-random.org); normal numbers come from a ziggurat (Marsaglia and
// Tsang, doi:10.18637/jss.v005.i08), as in numpy/random/src/distributions.

const WORD = (1n << 64n) - 1n;
const ALL = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
// numpy.random.PCG64(0).state: what the seed 0 is hashed to.
const STATE = 35399562948360463058890781895381311971n;
const INCREMENT = 87136372517582989555478159403783844777n;

const LAYERS = 256;
const TAIL = 3.6541528853610088; // where the ziggurat's lowest layer ends
const AREA = 0.00492867323399; // of each layer
const [SHORT_STEPS, WIDE_STEPS] = [2 ** 23, 2 ** 52]; // steps of a layer in 32 and in 64 bits

export class Random {
    /**
     * What a seed is hashed to; by default the seed 0.
     * @param {{state: bigint, increment: bigint}} [seed]
     */
    constructor({ state, increment } = { state: STATE, increment: INCREMENT }) {
        this.state = state;
        this.increment = increment;
    }

    /** @type {number | undefined} the half of a word that is not used yet */
    half;

    /** @returns {bigint} 64 random bits */
    word() {
        this.state = (this.state * MULTIPLIER + this.increment) & ALL;
        const mixed = ((this.state >> 64n) ^ this.state) & WORD;
        const turn = this.state >> 122n;
        return ((mixed >> turn) | (mixed << (64n - turn))) & WORD;
    }

    /** @returns {number} 32 random bits */
    bits() {
        if (this.half !== undefined) {
            const kept = this.half;
            this.half = undefined;
            return kept;
        }
        const word = this.word();
        this.half = Number(word >> 32n);
        return Number(word & 0xffffffffn);
    }

    /** A number in [0, 1), as Generator.random. */
    uniform() {
        return Number(this.word() >> 11n) / 2 ** 53;
    }

    /**
     * A whole number below `end`, as Generator.integers (Lemire, arXiv:1805.10941).
     * @param {number} end
     */
    below(end) {
        const threshold = 2 ** 32 % end;
        for (;;) {
            const product = BigInt(this.bits()) * BigInt(end);
            if (Number(product & 0xffffffffn) >= threshold) return Number(product >> 32n);
        }
    }

    /**
     * The numbers in another order, in place, as Generator.shuffle.
     * @template {number[] | Float64Array} T
     * @param {T} values
     * @returns {T}
     */
    shuffle(values) {
        for (let i = values.length - 1; i > 0; i--) {
            const j = this.upTo(i);
            [values[i], values[j]] = [values[j], values[i]];
        }
        return values;
    }

    /**
     * A whole number from 0 to `most`: bits are thrown away until they are few enough.
     * @param {number} most
     */
    upTo(most) {
        const mask = 2 ** (32 - Math.clz32(most)) - 1;
        for (;;) {
            const value = (this.bits() & mask) >>> 0;
            if (value <= most) return value;
        }
    }

    /** A number in [0, 1) of 24 bits. */
    shortUniform() {
        return (this.bits() >>> 8) / 2 ** 24;
    }

    /** A normal number of 32 bits, as Generator.standard_normal(dtype=float32). */
    normal() {
        for (;;) {
            const bits = this.bits();
            const layer = bits & 255;
            const step = (bits >>> 9) & (SHORT_STEPS - 1);
            const size = Math.fround(step * SHORT_ZIGGURAT.widths[layer]);
            const x = bits & 256 ? -size : size;
            if (step < SHORT_ZIGGURAT.inside[layer]) return x;
            if (layer === 0) return this.#tail(step);
            const { heights } = SHORT_ZIGGURAT;
            const height = (heights[layer - 1] - heights[layer]) * this.shortUniform() + heights[layer];
            if (height < Math.exp(-0.5 * x * x)) return x;
        }
    }

    /** A normal number of 64 bits, as Generator.standard_normal. */
    wideNormal() {
        const { widths, inside, heights } = WIDE_ZIGGURAT;
        for (;;) {
            const word = this.word();
            const low = Number(word & 0xffffffffn);
            const layer = low & 255;
            const step = Number(word >> 32n) % 2 ** 29 * 2 ** 23 + (low >>> 9);
            const x = step * widths[layer] * (low & 256 ? -1 : 1);
            if (step < inside[layer]) return x;
            if (layer === 0) return this.#wideTail(Number((word >> 17n) & 1n));
            if ((heights[layer - 1] - heights[layer]) * this.uniform() + heights[layer] < Math.exp(-0.5 * x * x)) return x;
        }
    }

    /** @param {number} negative 1 or 0 */
    #wideTail(negative) {
        for (;;) {
            const beyond = -Math.log1p(-this.uniform()) / TAIL;
            const height = -Math.log1p(-this.uniform());
            if (height + height > beyond * beyond) return negative ? -(TAIL + beyond) : TAIL + beyond;
        }
    }

    /** @param {number} step */
    #tail(step) {
        for (;;) {
            const beyond = Math.fround(-Math.log1p(-this.shortUniform()) / TAIL);
            const height = -Math.log1p(-this.shortUniform());
            if (height + height > beyond * beyond) return (step >> 8) & 1 ? -(TAIL + beyond) : TAIL + beyond;
        }
    }
}

const SHORT_ZIGGURAT = ziggurat(SHORT_STEPS, Float32Array);
const WIDE_ZIGGURAT = ziggurat(WIDE_STEPS, Float64Array);

/**
 * The layers: width of a step, steps that are inside for sure, and height of the curve at the end.
 * @param {number} steps of a layer
 * @param {typeof Float32Array | typeof Float64Array} Numbers
 */
function ziggurat(steps, Numbers) {
    const widths = new Numbers(LAYERS);
    const inside = new Float64Array(LAYERS);
    const heights = new Numbers(LAYERS);
    const curve = (/** @type {number} */ x) => Math.exp(-0.5 * x * x);
    const lowest = AREA / curve(TAIL);
    widths[0] = lowest / steps;
    inside[0] = Math.floor((TAIL / lowest) * steps);
    heights[0] = 1;
    widths[LAYERS - 1] = TAIL / steps;
    heights[LAYERS - 1] = curve(TAIL);
    let before = TAIL;
    for (let layer = LAYERS - 2; layer >= 1; layer--) {
        const end = Math.sqrt(-2 * Math.log(AREA / before + curve(before)));
        inside[layer + 1] = Math.floor((end / before) * steps);
        widths[layer] = end / steps;
        heights[layer] = curve(end);
        before = end;
    }
    return { widths, inside, heights };
}
