// The page: it starts everything else.

import { data, unpack } from "../assets.js";
import { arrivals } from "../../../ui/arrivals.js";
import { focus } from "../../../ui/focus.js";
import { pointer } from "../../../ui/pointer.js";
import { storage } from "../../../ui/storage.js";
import { zoom } from "../../../ui/zoom.js";
import { startCells } from "./cells.js";
import { startDesign } from "./design.js";
import { startVisit } from "./links.js";
import { startLook } from "./look.js";
import { startLessons } from "./rail.js";
import { startNeighbours } from "./resembles.js";
import { engine } from "./running.js";
import { isLooking, look, startLooking } from "./seen.js";
import { startStrip, takePictures } from "./strip.js";
import { startScrambling } from "./survival.js";
import { startTabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { startTrust } from "./trust.js";

storage();
await unpack();
startTheme();
startTabs();
startStrip();
startLook();
startNeighbours();
startCells();
startDesign();
if (data().lessons.length) startTrust();
if (data().lessons.length) startScrambling();
if (data().lessons.length) startLessons();
for (const start of [arrivals, focus, pointer, zoom]) start();
await startLooking();
startVisit();
takePictures();
if (!isLooking()) look(); // the answer stands there already; now the network itself is loaded
engine().catch(() => undefined); // the head says why
