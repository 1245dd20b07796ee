import { gzipSync } from "node:zlib";

/** The scripts that a Next page names, in its tags and in React's data; not those for old browsers. */
export function scriptsOf(html: string): string[] {
  const withoutPolyfills = html.replace(/<script[^>]*\bnomodule\b[^>]*>/gi, "");
  const named = withoutPolyfills.matchAll(/\bstatic\/chunks\/[\w~.%-]+\.js/g);
  return [...new Set([...named].map(([path]) => `/_next/${path}`))];
}

/** Of all of them together, compressed like by a proxy in front, in bytes. */
export async function compressedSize(
  scripts: readonly string[],
  read: (path: string) => Promise<Buffer>,
): Promise<number> {
  const sizes = scripts.map(async (path) => gzipSync(await read(path)).byteLength);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
