/** The player on somebody else's site: a segment, and nothing else. */

import { StoryAudio } from "./segment.js";

customElements.define("story-audio", StoryAudio);
