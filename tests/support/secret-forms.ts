/** The forms in which a secret could leak: plain, base64, base64url, hex, URL-encoded. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64InsideOf(bytes),
  ];
  return [...new Set(forms)].filter((form) => form.length >= 8);
}

/** Depending on its position in a longer text, base64 has one of three shapes; the ends depend on neighbours. */
function base64InsideOf(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const inner = text.slice(shift === 0 ? 0 : shift + 1, -1);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** The secrets that a text contains in any form. Names them by label, so that a failure shows none. */
export function leaksIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([label, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [label] : [],
  );
}
