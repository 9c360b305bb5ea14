// A map as a figure to keep: the picture, the map over it, a legend and a caption, as nasnet_demo/explanations/figure.py
// lays them out.

import { data } from "../assets.js";
import { canvas } from "./elements.js";
import { methodOf } from "./facts.js";
import { isEmpty, OVERLAY, painted } from "./map.js";
import { percent } from "./numbers.js";

/** @import {Heat} from "../types.js" */
/** @import {Caption} from "./map.js" */

const [WIDTH, HEIGHT] = [1350, 690];
const SIDE = 540; // the largest of a picture
const TITLES = 70; // where the pictures begin, from above
const LETTERS = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif";

/**
 * The address of a PNG.
 * @param {HTMLCanvasElement} region
 * @param {Heat} heat
 * @param {Caption} question
 * @returns {string}
 */
export function figure(region, heat, question) {
    const { signed } = methodOf(question.method);
    const scale = Math.min(SIDE / region.width, SIDE / region.height);
    const [width, height] = [Math.round(region.width * scale), Math.round(region.height * scale)];
    const top = TITLES + (SIDE - height) / 2;
    return canvas(WIDTH, HEIGHT, (context) => {
        context.fillStyle = "#ffffff";
        context.fillRect(0, 0, WIDTH, HEIGHT);
        context.fillStyle = "#000000";
        context.textAlign = "center";
        for (const [at, title] of /** @type {[number, string][]} */ ([[30, "What the network saw"], [620, isEmpty(heat) ? `Nothing speaks for: ${question.classes}` : `Where it looked for: ${question.classes}`]])) {
            const left = at + (SIDE - width) / 2;
            text(context, title, at + SIDE / 2, 46, 22, SIDE + 30);
            context.drawImage(region, left, top, width, height);
        }
        const left = 620 + (SIDE - width) / 2;
        context.globalAlpha = OVERLAY;
        context.drawImage(painted(heat, width, height, signed), left, top);
        context.globalAlpha = 1;
        legend(context, signed);
        const said = `${question.classes}, ${percent(question.probability)} · ${question.method}, ${question.place} · ${data().network.name} · ${today()}`;
        text(context, said, WIDTH / 2, HEIGHT - 26, 19, WIDTH - 40);
    }).toDataURL();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} room
 */
function text(context, words, x, y, size, room) {
    context.font = `${size}px ${LETTERS}`;
    context.fillText(words, x, y, room);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {boolean} signed
 */
function legend(context, signed) {
    const steps = Float32Array.from({ length: 256 }, (_, i) => (signed ? 1 - i / 127.5 : 1 - i / 255));
    const bar = painted({ height: 256, width: 1, values: steps }, 1, 256, signed, 1);
    context.drawImage(bar, 1190, TITLES + 50, 24, SIDE - 100);
    context.strokeRect(1190, TITLES + 50, 24, SIDE - 100);
    context.textAlign = "left";
    const ends = signed ? ["for", "nothing", "against"] : ["most", "nothing"];
    ends.forEach((word, i) => text(context, word, 1224, TITLES + 56 + ((SIDE - 100) * i) / (ends.length - 1), 18, 110));
    context.textAlign = "center";
}

/** Today's date, as the page with a server writes it. */
function today() {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
