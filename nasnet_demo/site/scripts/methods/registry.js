// Every method by the name that nasnet_demo/explanations has for it.

import { ablationCam } from "./ablation_cam.js";
import { gradCam, gradCamPlusPlus, hiResCam, layerCam } from "./cams.js";
import { eigenCam } from "./eigen_cam.js";
import { occlusion } from "./occlusion.js";
import {
    expectedGradients,
    guidedBackpropagation,
    inputTimesGradient,
    integratedGradients,
    saliency,
    smoothGrad,
} from "./pixels.js";
import { rise } from "./rise.js";
import { scoreCam } from "./score_cam.js";
import { sobol } from "./sobol.js";

/** @import {Pace, Subject} from "../subject.js" */
/** @import {Heat} from "../types.js" */
/** @typedef {(subject: Subject, target: Float32Array, cell: string, pace: Pace, photographs: () => Promise<Uint8Array>) => Promise<Heat>} Explain */

/** @type {Record<string, Explain>} */
export const METHODS = {
    "Grad-CAM": gradCam,
    HiResCAM: hiResCam,
    "Grad-CAM++": gradCamPlusPlus,
    LayerCAM: layerCam,
    "Faster Score-CAM": scoreCam,
    "Eigen-CAM": eigenCam,
    Occlusion: occlusion,
    Saliency: saliency,
    SmoothGrad: smoothGrad,
    "Integrated Gradients": integratedGradients,
    "Guided backpropagation": guidedBackpropagation,
    "Input x gradient": inputTimesGradient,
    "Ablation-CAM": ablationCam,
    RISE: rise,
    Sobol: sobol,
    "Expected Gradients": expectedGradients,
};
