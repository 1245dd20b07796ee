/**
 * Null where that is no URL. `URL.canParse` is not asked: in Node 20, after some thousand questions of
 * one process, it takes an address with letters such as `ü` for none.
 *
 * @see https://url.spec.whatwg.org/#dom-url-parse what it will be when Node 20 is gone
 */
export function parseUrl(address: string, base?: string | URL): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
