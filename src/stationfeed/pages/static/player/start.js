/** Everything that pages do with a script: pages that change without a break in the sound, the player, what is on air. */

import "../vendor/turbo-8.0.23.js";
import { StationPlayer } from "./bar.js";
import { offerCopies } from "./copying.js";
import { LiveService, keepFresh } from "./live-parts.js";
import { showOnLockScreen } from "./lock-screen.js";
import { guideNavigation } from "./navigation.js";
import { onAir } from "./on-air.js";
import { StoryAudio } from "./segment.js";

customElements.define("station-player", StationPlayer);
customElements.define("live-service", LiveService);
customElements.define("story-audio", StoryAudio);
showOnLockScreen(document.querySelector("station-player")?.dataset.artwork);
keepFresh();
offerCopies();
guideNavigation();
onAir.start();
