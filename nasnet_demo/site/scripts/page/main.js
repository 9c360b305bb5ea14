// The page: it asks the engine, and shows what it answers.

import { Engine } from "../engine.js";
import { unpack } from "../assets.js";

await unpack();
const engine = await Engine.start();
Object.assign(globalThis, { engine });
