/** Wie die Seite aussieht, und welche Sprache sie spricht. */

/** @type {typeof import("../en/looks.js").looks} */
export const looks = {
  looks: {
    lead: "Das bleibt in diesem Browser und gilt für alle, die ihn benutzen.",
    language: "Sprache",
    languageHint: "Die Seite wird neu geladen. Was du gerade schreibst, bleibt.",
    asBrowser: "Wie der Browser",
    theme: "Farben",
    contrast: "Kontrast",
    size: "Textgröße",
    motion: "Bewegung",
    themes: [
      ["", "Wie das System"],
      ["light", "Hell"],
      ["dark", "Dunkel"],
    ],
    contrasts: [
      ["", "Wie das System"],
      ["more", "Stärker"],
    ],
    sizes: [
      ["", "Normal"],
      ["large", "Groß"],
      ["larger", "Größer"],
      ["largest", "Am größten"],
    ],
    motions: [
      ["", "Wie das System"],
      ["less", "Weniger"],
    ],
  },
};
