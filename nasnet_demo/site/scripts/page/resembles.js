// What the picture resembles, among the examples and among the pictures that the visitor has added.

import { assetUrl, data, exampleFeatures } from "../assets.js";
import { nearest } from "../neighbours.js";
import { canvas, field, one, piece, put } from "./elements.js";
import { exampleOf } from "./facts.js";
import { engine } from "./running.js";
import { seen, whenSeen } from "./seen.js";

/** @import {Seen} from "./seen.js" */

/** @typedef {{title: string, features: Float32Array, picture: string, photo: string}} Known a picture to compare with */

const SHOWN = 6;
const SAME_PICTURE = 0.9995; // similarity from which a picture counts as the visitor's own
const SIDE = 160; // pixels, of a small picture

/** What the visitor has added: in this page only. @type {Known[]} */
const added = [];

export function startNeighbours() {
    whenSeen(compare);
    one("#own").addEventListener("drop", (event) => {
        event.preventDefault();
        add([...(event.dataTransfer?.files ?? [])]);
    });
    field("#own input").addEventListener("change", () => add([...(field("#own input").files ?? [])]));
}

/** @param {Seen | null} now */
function compare(now) {
    if (!now) return;
    const vectors = exampleFeatures();
    /** @type {Known[]} */
    const album = data().examples.map((example, i) => ({ title: example.title, features: vectors[i], picture: assetUrl(example.small), photo: example.name }));
    album.push(...added);
    const found = nearest(now.features, album.map(({ features }) => features), SHOWN + 1);
    const itself = found.find(({ similarity }) => similarity > SAME_PICTURE);
    const rows = found.filter((one) => one !== itself).slice(0, SHOWN).map(({ index, similarity }) => {
        const { picture, title, photo } = album[index];
        return [picture, { title, similarity }, photo];
    });
    put("#nearest", piece("look", "neighbours", rows, itself ? album[itself.index].title : ""));
}

/** @param {File[]} files */
async function add(files) {
    const line = one("#own p");
    const refused = [];
    try {
        const running = await engine();
        for (const [i, file] of files.entries()) {
            line.textContent = `Picture ${i + 1} of ${files.length} …`;
            try {
                const view = await running.view(file, { kept: false });
                const { width, height } = view.region;
                const short = Math.min(width, height);
                const picture = canvas(SIDE, SIDE, (context) => {
                    context.drawImage(view.region, (width - short) / 2, (height - short) / 2, short, short, 0, 0, SIDE, SIDE);
                });
                view.region.close();
                view.input.close();
                added.push({ title: file.name.replace(/\.\w+$/, ""), features: view.features, picture: picture.toDataURL("image/jpeg", 0.85), photo: "" });
            } catch (error) {
                refused.push(`${file.name}: ${error instanceof Error ? error.message : error}`);
            }
        }
        const count = added.length === 1 ? "1 picture of yours is" : `${added.length} pictures of yours are`;
        line.textContent = [`${count} compared too, in this page only, until you close it.`, ...refused].join(" ");
    } catch {
        line.textContent = "The network cannot run in this browser.";
    }
    field("#own input").value = "";
    compare(seen);
}

/**
 * The example that a small picture stands for: its own name, or its file's.
 * @param {string} photo
 */
export function photographOf(photo) {
    return exampleOf(photo.replace(/\.\w+$/, ""));
}
