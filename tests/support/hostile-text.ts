/** Where a text would phone home, if it could. */
export const strangersHost = "phone-home.example";

/** Texts that a server may send, and that must stay nothing but text wherever they are shown. */
export const hostileTexts = {
  "bidi overrides": "invoice \u202egpj.exe\u202c \u202dend\u202c",
  "bidi isolates": "\u2067first\u2069 \u2066second\u2069 \u2068third\u2069 \u061c\u200f",
  "isolates that nobody closes": "\u2067\u2067\u2066\u202e",
  "zero-width characters": "pass\u200bword\u200c \u2060\ufeff\u00adend",
  "hidden tags": "Lists files.\u{e0001}\u{e0073}\u{e0065}\u{e006e}\u{e0064}\u{e007f}",
  "a script": "<script>window.broken = 1; alert(1)</script>",
  "an image": '<img src=x onerror="window.broken = 1; alert(1)">',
  "a drawing": '<svg onload="alert(1)"><foreignObject><iframe src="javascript:alert(1)"></svg>',
  "a style": `<style>body { background: url(https://${strangersHost}/style) }</style>`,
  "the end of an element": `</code></pre></li></ul><a href="javascript:alert(1)">Run now</a>`,
  "an attribute": `" onmouseover="alert(1)" x="`,
  "a Markdown image": `![pixel](https://${strangersHost}/pixel.png)`,
  "a script as a link": "[Run now](javascript:alert(1)) [more](JaVaScRiPt&colon;alert(1))",
  "data as a link": "[Open](data:text/html,<script>alert(1)</script>) <javascript:alert(1)>",
  "a reference as a link": "[Open][it]\n\n[it]: javascript:alert(1)",
  "terminal sequences": `\u001b[2J\u001b[31mred\u001b]8;;https://${strangersHost}\u0007link\u001b]8;;\u0007`,
  "control characters": "a\u0008\u007f\u0085\u009bb\rc",
  "one long word": "W".repeat(10_000),
  "words from right to left": "שלום עולם مرحبا بالعالم (1) [2]",
  "a flood of combining marks": `Z${"\u0301\u0336\u0489".repeat(300)}a`,
  "a flood of emoji": "👩‍👩‍👧‍👦".repeat(300),
  "a name of JavaScript's own": "__proto__",
} as const;
