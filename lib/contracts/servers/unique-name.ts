/** For an MCP server, in characters. */
export const longestName = 80;

/** The name, or with the first free number: "Linear 2". Case-insensitive, as people read names. */
export function uniqueName(name: string, taken: readonly string[]): string {
  const inUse = new Set(taken.map((each) => each.trim().toLowerCase()));
  let unique = name;
  for (let number = 2; inUse.has(unique.toLowerCase()); number += 1) {
    unique = `${name.slice(0, longestName - String(number).length - 1)} ${number}`;
  }
  return unique;
}
