import { randomBytes } from "node:crypto";

/** A complete page of the practice provider: no script, nothing fetched from elsewhere. */
export interface ProviderPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * @param body HTML; external text must have gone through {@link escapeHtml}.
 * @param formTargets origins that a form's answer may redirect to: browsers apply `form-action` to
 *   the redirect back to the client as well.
 */
export function providerPage(
  title: string,
  body: string,
  formTargets: readonly string[] = [],
  brand = "Practice provider",
): ProviderPage {
  const nonce = randomBytes(16).toString("base64");
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<p class="brand">${MARK}${escapeHtml(brand)}</p>
${body}
</main>
</body>
</html>
`,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Content-Security-Policy": [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        `form-action ${["'self'", ...formTargets].join(" ")}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
    },
  };
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const MARK = `<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false"><path d="M12 2 4 5v6c0 5 3.4 9.3 8 11 4.6-1.7 8-6 8-11V5z" fill="currentColor" opacity=".18"/><path d="M12 2 4 5v6c0 5 3.4 9.3 8 11 4.6-1.7 8-6 8-11V5zm-3.5 9.8 2.4 2.4 4.6-4.8" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

const STYLE = `
:root{--page:#f3f5f4;--card:#fff;--ink:#17211d;--soft:#52605a;--line:#d7dedb;--accent:#0b6b4f;--accent-ink:#fff;--tint:#e7f3ee;--shadow:0 1px 2px rgb(16 40 32/.06),0 12px 32px rgb(16 40 32/.08)}
@media (prefers-color-scheme:dark){:root{--page:#0e1412;--card:#161e1b;--ink:#e9f0ed;--soft:#a3b2ab;--line:#2e3a35;--accent:#5fd0a5;--accent-ink:#06231a;--tint:rgb(95 208 165/.1);--shadow:none}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1.25rem;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:27rem;padding:1.75rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;box-shadow:var(--shadow)}
.brand{display:flex;align-items:center;gap:.5rem;margin:0 0 1.25rem;color:var(--accent);font-size:.875rem;font-weight:600}
h1{margin:0 0 .5rem;font-size:1.375rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance;overflow-wrap:anywhere}
p{margin:0 0 1rem;color:var(--soft)}
h2,legend{margin:0 0 .5rem;padding:0;font-size:.875rem;font-weight:600;color:var(--ink)}
ul{margin:0 0 1.25rem;padding:0;list-style:none}
li{display:flex;gap:.5rem;padding:.125rem 0;color:var(--soft)}
li::before{content:"✓" / "";color:var(--accent);font-weight:700}
fieldset{margin:0 0 1.25rem;padding:0;border:0;min-width:0}
.person{position:relative;display:flex;align-items:center;gap:.75rem;margin:0 0 .5rem;padding:.75rem .875rem;border:1px solid var(--line);border-radius:.75rem;cursor:pointer}
.person:hover{border-color:var(--accent)}
.person:has(:checked){border-color:var(--accent);background:var(--tint);box-shadow:inset 0 0 0 1px var(--accent)}
.person:has(:focus-visible){outline:3px solid var(--accent);outline-offset:2px}
.person input{width:1.125rem;height:1.125rem;margin:0;accent-color:var(--accent);flex:none}
.avatar{display:grid;place-items:center;width:2.25rem;height:2.25rem;flex:none;border-radius:50%;background:var(--accent);color:var(--accent-ink);font-weight:600;font-size:.8125rem}
.who{display:block;min-width:0}
.who b{display:block;font-weight:600}
.who span{display:block;font-size:.8125rem;color:var(--soft);overflow-wrap:anywhere}
.actions{display:flex;gap:.625rem}
button{flex:1;min-height:2.75rem;padding:.5rem 1rem;border:1px solid var(--line);border-radius:.625rem;background:transparent;color:var(--ink);font:inherit;font-weight:600;cursor:pointer}
button[value=allow]{border-color:var(--accent);background:var(--accent);color:var(--accent-ink)}
button:hover{filter:brightness(1.06)}
button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.note{margin:1.25rem 0 0;padding-top:1rem;border-top:1px solid var(--line);font-size:.8125rem}
code{font:.8125rem ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
@media (max-width:24rem){.actions{flex-direction:column}main{padding:1.25rem}}
@media (prefers-reduced-motion:no-preference){.person,button{transition:border-color .12s,background-color .12s}}
`;
