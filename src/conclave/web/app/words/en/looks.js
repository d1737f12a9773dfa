/** How the page looks, and which language it speaks. */

export const looks = {
  looks: {
    lead: "This is kept in this browser, and holds for whoever uses it.",
    language: "Language",
    languageHint: "The page is loaded anew. What you are writing stays.",
    asBrowser: "As the browser",
    theme: "Theme",
    contrast: "Contrast",
    size: "Size of text",
    motion: "Motion",
    themes: /** @type {[string, string][]} */ ([
      ["", "As the system"],
      ["light", "Light"],
      ["dark", "Dark"],
    ]),
    contrasts: /** @type {[string, string][]} */ ([
      ["", "As the system"],
      ["more", "More"],
    ]),
    sizes: /** @type {[string, string][]} */ ([
      ["", "Normal"],
      ["large", "Large"],
      ["larger", "Larger"],
      ["largest", "Largest"],
    ]),
    motions: /** @type {[string, string][]} */ ([
      ["", "As the system"],
      ["less", "Less"],
    ]),
  },
};
