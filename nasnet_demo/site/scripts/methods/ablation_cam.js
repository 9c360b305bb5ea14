// Ablation-CAM: every channel is weighted by what the logit loses without it. At the last activations that is exact.

import { ACTIVATIONS } from "../subject.js";
import { mean, perChannel, rectified, weighted } from "./cams.js";

/** @import {Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */

/**
 * @param {Subject} subject
 * @param {Float32Array} target
 * @returns {Promise<Heat>}
 */
export async function ablationCam(subject, target) {
    const [activations] = await subject.at(ACTIVATIONS, target);
    const head = subject.headTimes(target);
    return rectified(weighted(activations, perChannel(activations, (some, c) => mean(some) * head[c])));
}
