// The strip above the tabs: the picture in question, how the visitor's own comes, and the examples.

import { assetUrl } from "../assets.js";
import { every, field, one, tell } from "./elements.js";
import { exampleOf } from "./facts.js";
import { photographOf } from "./resembles.js";
import { look } from "./seen.js";
import { forNewPicture, ownPictures, show, shown, whenever } from "./shown.js";

/** @type {string} */
let smallUrl = "";

export function startStrip() {
    whenever(["example", "own"], followPicture);
    document.addEventListener("click", (event) => {
        const target = /** @type {HTMLElement} */ (event.target);
        const photo = /** @type {HTMLElement | null} */ (target.closest("[data-photo]"))?.dataset.photo;
        const example = photo && photographOf(photo);
        if (example) chooseExample(example.name);
        const how = /** @type {HTMLElement | null} */ (target.closest("[data-bring]"))?.dataset.bring;
        if (how) HOW[how]();
    });
    for (const kind of ["dragover", "dragleave", "drop"]) {
        document.addEventListener(kind, (event) => document.body.classList.toggle("dropping", event.type === "dragover"));
    }
    if (!navigator.mediaDevices?.getUserMedia) one("[data-bring=camera]").hidden = true;
    if (!navigator.clipboard?.read) one("[data-bring=paste]").hidden = true;
}

/** Take what is chosen, and what was chosen while these scripts were still on their way: a link would take its place. */
export function takePictures() {
    const input = field("#picture input[type=file]");
    const take = () => {
        const [file] = input.files ?? [];
        if (file) bring(file);
        input.value = ""; // the same file may be chosen again
    };
    input.addEventListener("change", take);
    take();
}

/**
 * A picture of the visitor's becomes the one in question.
 * @param {File} file
 */
export function bring(file) {
    ownPictures.push(file);
    show({ ...forNewPicture(), example: "", own: ownPictures.length });
}

/** @param {string} name */
function chooseExample(name) {
    if (shown.example === name) { // again
        closeCamera();
        look();
        return;
    }
    show({ ...forNewPicture(), example: name, own: 0 });
}

/** The small picture is the one that is shown. */
function followPicture() {
    closeCamera();
    URL.revokeObjectURL(smallUrl);
    const example = exampleOf(shown.example);
    smallUrl = example ? "" : URL.createObjectURL(ownPictures[shown.own - 1]);
    const image = /** @type {HTMLImageElement} */ (one("#picture > img"));
    image.src = example ? assetUrl(example.small) : smallUrl;
    image.alt = example ? example.title : "Your picture";
}

/** @type {MediaStream | null} */
let stream = null;
let opening = false;

/** @type {Record<string, () => void>} */
const HOW = {
    async camera() {
        if (stream) return shoot();
        if (opening) return; // the browser is asking whether it may
        opening = true;
        try {
            stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        } catch {
            return tell("The camera cannot be used: it is missing, or the browser was not allowed to.");
        } finally {
            opening = false;
        }
        const video = Object.assign(document.createElement("video"), { srcObject: stream, autoplay: true, muted: true, playsInline: true });
        one("#picture > img").hidden = true;
        one("#picture").prepend(video);
        one("[data-bring=camera]").textContent = "Take it";
    },
    async paste() {
        try {
            for (const item of await navigator.clipboard.read()) {
                const type = item.types.find((kind) => kind.startsWith("image/"));
                if (type) return bring(new File([await item.getType(type)], "pasted", { type }));
            }
            tell("There is no picture to paste. Copy one first.");
        } catch {
            tell("The browser does not let this page paste by a button. Press Ctrl+V instead.");
        }
    },
};

/** What the camera sees becomes the picture. */
function shoot() {
    const video = /** @type {HTMLVideoElement | null} */ (document.querySelector("#picture video"));
    if (!video?.videoWidth) return;
    const still = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
    still.getContext("2d")?.drawImage(video, 0, 0);
    still.toBlob((blob) => blob && bring(new File([blob], "camera.png", { type: "image/png" })));
}

function closeCamera() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    for (const video of every("#picture video")) video.remove();
    one("#picture > img").hidden = false;
    one("[data-bring=camera]").textContent = "Camera";
}
