/** A quoted text with one of these words is a term or a sentence; any other is somebody's identifier. */
const MEANT =
  /token|grant|session|consent|access|account|user|client|app|secret|credential|key|scope|resource|audience|parameter/i;
const QUOTED = /(?<![\p{L}\p{N}])(["'`])([^"'`]{1,200})\1(?![\p{L}\p{N}])|[“‘]([^”’]{1,200})[”’]/gu;
/** A UUID or the like without quotes. */
const BARE = /(?<![\w-])(?=[\w-]*\d)[\w-]{8,}(?![\w-])/g;
/** `TOO_MANY_REQUESTS_429`, `AADSTS700016`: a code. */
const CODE = /^[a-z]+([_-][a-z]+)*[_-]?\d*$/i;

/** `Client ID '4f0c…' not found` says the same with and without the identifier. */
function withoutIdentifiers(text: string): string {
  const isTerm = (quoted: string) =>
    MEANT.test(quoted) && (/\s/.test(quoted) || !/\d|:\/\//.test(quoted));
  return text
    .replace(QUOTED, (whole: string, _quote, quoted = "", typographic = "") =>
      isTerm(quoted || typographic) ? whole : " ",
    )
    .replace(BARE, (run) => (MEANT.test(run) || CODE.test(run) ? run : " "));
}

/** `RefreshTokenExpired`, `refresh_token-expired` and “refresh token expired” are the same. */
export function plainWords(text: string | null): string {
  return withoutIdentifiers((text ?? "").slice(0, 500))
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/\brefresh token (parameter|value)\b/g, "refresh token")
    .trim();
}
