/** What is said of notifications: what the browser shows, and the part of one's account about them. */

export const notices = {
  notices: {
    title: (/** @type {string} */ user, /** @type {string} */ room, /** @type {boolean} */ mention) =>
      mention ? `${user} mentioned you in ${room}` : `${user} in ${room}`,
    lead: "What each room notifies you of is chosen in its menu. This is about this browser alone.",
    on: "This browser notifies you.",
    off: {
      granted: "This browser does not notify you.",
      default: "This browser does not notify you. It will ask whether it may.",
      denied: "This browser does not let the page notify you. Its settings for this site can change that.",
      unable: "This browser cannot notify you here. Some need https, or the page on the home screen.",
    },
    turnOn: "Turn on",
    turnOff: "Turn off",
    push: "Also while the page is closed",
    pushHint: "By the push service of this browser. It learns that there is something, and not what.",
    pushText: "With what was written",
    pushTextHint: "Else only who wrote, and where. Both are encrypted for this browser alone.",
    pushWrong: /** @type {Record<string, string>} */ ({
      unable: "This browser has no push service here.",
      denied: "This browser does not let the page notify you. Its settings for this site can change that.",
      off: "This server does not push.",
      refused: "The server did not take the address of this browser’s push service.",
    }),
    sound: "With a sound",
    away: "Away after",
    awayChoices: /** @type {[string, string][]} */ ([
      ["1", "1 minute"],
      ["5", "5 minutes"],
      ["15", "15 minutes"],
      ["60", "1 hour"],
      ["0", "Never by itself"],
    ]),
    awayHint: "Without a key or a touch on any of your devices. You are back at once.",
  },
};
