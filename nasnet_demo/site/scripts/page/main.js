// The page: it starts everything else.

import { unpack } from "../assets.js";

await unpack();
