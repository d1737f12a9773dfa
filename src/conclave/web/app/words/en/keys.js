/** What is said of the keyboard: the palette, and the sheet of shortcuts. */

export const keys = {
  palette: {
    title: "Go to",
    field: "Rooms, people, actions",
    close: "Close",
    list: "What was found",
    none: "Nothing is called so.",
    search: (/** @type {string} */ text) => (text === "" ? "Search messages" : `Search messages for “${text}”`),
    kinds: { public: "Room", private: "Private room", direct: "Direct messages" },
    person: "Person",
    deed: "Action",
    next: "Next unread room",
    people: "People of this room",
    part: (/** @type {string} */ whole, /** @type {string} */ part) => `${whole}: ${part}`,
    status: (/** @type {string} */ status) => `Be ${status}`,
    open: "Go to a room, a person, an action",
  },
  shortcuts: {
    title: "Keyboard",
    close: "Close",
    lead: "Everything can be done without a mouse: Tab goes from part to part, arrows go inside them.",
    groups: /** @type {[string, [string, string][]][]} */ ([
      [
        "Anywhere",
        [
          ["Ctrl+K", "Go to a room, a person, an action"],
          ["/", "Search messages"],
          ["Ctrl+F", "Search this room, of which not all is drawn; once more: what is"],
          ["Alt+↑ Alt+↓", "Previous and next room"],
          ["Alt+Shift+↑ Alt+Shift+↓", "Previous and next unread room"],
          ["Esc", "Close what is open, then go to the newest message: all is read"],
          ["?", "This sheet"],
        ],
      ],
      [
        "On a message",
        [
          ["↑ ↓ Home End", "From message to message"],
          ["Enter", "Everything one can do with it"],
          ["R", "Reply"],
          ["T", "Reply in thread"],
          ["+", "React"],
          ["E", "Edit"],
          ["P", "Pin"],
          ["C", "Copy its link"],
          ["U", "Do something with its author"],
          ["Delete", "Delete"],
        ],
      ],
      [
        "While writing",
        [
          ["Enter", "Send"],
          ["Shift+Enter", "New line"],
          ["↑", "In an empty field: edit one’s last message"],
          ["@", "Mention somebody"],
          ["Esc", "Stop replying or editing"],
        ],
      ],
    ]),
  },
};
