// A page that only starts the engine, for tests: in the single file nothing can be imported.

import { assetUrl, unpack } from "../../nasnet_demo/site/scripts/assets.js";
import { Engine } from "../../nasnet_demo/site/scripts/engine.js";

await unpack();
Object.assign(globalThis, { assetUrl, started: Engine.start() });
