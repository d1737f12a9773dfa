/** Going to the message that the address names, wherever in the log it is. */

import { useLayoutEffect, useRef } from "../../vendor/preact-hooks.js";
import { words } from "../words.js";

/** @import { Page } from "../page.js" */
/** @import { Place } from "../route.js" */
/** @import { Room } from "../../client/room.js" */

/**
 * Show the line of *place* once; where it is not known, ask for what is around it, once.
 *
 * @param {Page} page @param {Room} room @param {Place} place @param {(seq: number) => boolean} show   brings the line into sight; false: it is not known
 */
export function useTarget(page, room, place, show) {
  const done = useRef(/** @type {Place | null} */ (null));
  const asked = useRef(/** @type {Place | null} */ (null));
  // Not later: by then the room may know more than is drawn.
  useLayoutEffect(() => {
    const { seq } = place;
    if (seq === null || done.current === place) return;
    if (show(seq)) done.current = place;
    else if (asked.current !== place) {
      if (!room.attached) return;
      asked.current = place;
      page.driver.act((client) => client.pages.readAround(room.name, seq));
    } else if (room.around === null || room.around.refusal !== null || (room.around.begun && !room.around.reading)) {
      done.current = place;
      page.voice.tell(words.log_.notThere(seq));
      if (room.around?.refusal) page.driver.act((client) => client.pages.closeAround(room.name));
    }
  });
}
