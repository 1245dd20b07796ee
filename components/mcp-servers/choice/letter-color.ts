/** At least 4.5:1 with one of them on any colour. */
const letters = { light: "#ffffff", dark: "#000000" };

/**
 * The colour of the letter on a vendor's colour: the more readable one.
 *
 * @param background as `#rrggbb`
 * @see https://www.w3.org/TR/WCAG22/#contrast-minimum
 */
export function letterColor(background: string): string {
  return contrast(background, letters.light) >= 4.5 ? letters.light : letters.dark;
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrast(one: string, other: string): number {
  const [lighter = 1, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
