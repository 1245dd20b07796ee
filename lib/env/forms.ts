/** As other programs write it. Null: neither. An absent value is `false`. */
export function readFlag(value: string | null): boolean | null {
  const word = value?.trim().toLowerCase() || "0";
  if (["1", "true", "yes", "on"].includes(word)) return true;
  return ["0", "false", "no", "off"].includes(word) ? false : null;
}

/** The entries of a list, in lower case, however they are separated. */
export function readList(value: string | null): string[] {
  const entries = (value ?? "").toLowerCase().split(/[\s,;]+/);
  return entries.filter((entry) => entry !== "");
}

/** For lower case. A name that ends in a number would be read as an address, so it is refused. */
export function isHostName(text: string): boolean {
  const label = "[a-z\\d_](?:[a-z\\d_-]*[a-z\\d_])?";
  return new RegExp(`^${label}(?:\\.${label})*\\.?$`).test(text) && !/(^|\.)[\d-]+\.?$/.test(text);
}

/** A secret that is sent as `Authorization: Bearer …`: anything else could never arrive. */
export function bearerProblem(name: string, value: string, least: number): string | null {
  if (!/^[\x20-\x7e]+$/.test(value)) {
    return `${name} must consist of ASCII characters in one line: it is sent in an HTTP header.`;
  }
  return value.length < least ? `${name} must have at least ${least} random characters.` : null;
}
