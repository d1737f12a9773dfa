/** What the page's style sheets are held to: `make lint`. */

const SIDES = "(left|right|top|bottom)";

export default {
  rules: {
    "block-no-empty": true,
    "color-no-invalid-hex": true,
    "custom-property-no-missing-var-function": true,
    "declaration-block-no-duplicate-custom-properties": true,
    "declaration-block-no-duplicate-properties": [true, { ignore: ["consecutive-duplicates-with-different-values"] }],
    "declaration-block-no-shorthand-property-overrides": true,
    "declaration-no-important": true,
    "font-family-no-duplicate-names": true,
    "function-calc-no-unspaced-operator": true,
    "keyframe-block-no-duplicate-selectors": true,
    "media-feature-name-no-unknown": true,
    "no-duplicate-at-import-rules": true,
    "no-invalid-double-slash-comments": true,
    "property-no-unknown": true,
    "property-no-vendor-prefix": true,
    "selector-max-id": 0,
    // What follows any element, or is the nth, is looked for anew whenever a node comes or goes: a line of
    // the log would be styled again for each other one.
    "selector-disallowed-list": [[/(^|[\s>+~(,])(\*|[a-z][\w-]*)\s*[+~]/, /\.line[^\s>+~]*:(nth|last|only|first-of)/], { splitList: true }],
    "selector-pseudo-class-no-unknown": true,
    "selector-pseudo-element-no-unknown": true,
    "string-no-newline": true,
    "unit-no-unknown": true,
    // From left to right or from right to left it is one sheet: sides are start and end.
    "property-disallowed-list": [
      "width", "height", "min-width", "min-height", "max-width", "max-height", "left", "right", "top", "bottom",
      new RegExp(`^(margin|padding|scroll-margin|scroll-padding)-${SIDES}$`),
      new RegExp(`^border-${SIDES}(-|$)`),
    ],
    "declaration-property-value-disallowed-list": {
      "text-align": ["left", "right"],
      float: ["left", "right"],
      clear: ["left", "right"],
    },
    "color-named": "never",
    "color-no-hex": true,
    "function-disallowed-list": ["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch"],
  },
  overrides: [
    {
      // Where colours are: everything else names them by their tokens.
      files: ["**/tokens.css"],
      rules: { "color-named": null, "color-no-hex": null, "function-disallowed-list": null },
    },
  ],
};
