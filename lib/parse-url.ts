/**
 * Null if it is not a URL. `URL.canParse` is not used: in Node 20, after some thousand calls in
 * one process, it rejects an address with letters such as `ü`.
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

/** What a percent-encoded part of a URL stands for; null: it has a `%` that stands for no character. */
export function decodedPart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Whether it has no user, query or fragment, not even an empty one. @param text that `url` was read from */
export function isPlainUrl({ username, password }: URL, text: string): boolean {
  return username === "" && password === "" && !/[?#]/.test(text);
}

/**
 * Whether a password with `/`, `?` or `#` ends the host too early, so that the rest of it became path, query or
 * fragment: with `u:12/34@host` the host would be `u`. After a path, an `@` in the query is not suspicious.
 */
export function hasStraySecret({ pathname, search, hash }: URL): boolean {
  return `${pathname}${hash}`.includes("@") || (pathname.length < 2 && search.includes("@"));
}

/** Parts of a parameter's name that mark it as a secret. */
const secretWords: ReadonlySet<string> = new Set([
  ...["key", "apikey", "token", "secret", "password", "passwd", "pwd", "pass", "passphrase"],
  ...["auth", "authorization", "bearer", "credential", "credentials", "jwt", "sig", "signature"],
  ...["session", "sid", "sessionid", "accesskey", "authkey", "secretkey"],
]);
/** Prefixes of well-known services' keys, and of JWTs. */
const secretValue =
  /^(sk|pk|rk|ghp|gho|ghs|glpat|xox[a-z]|npm|pat)[-_][A-Za-z0-9_-]{8,}|^eyJ[\w-]{8,}\.[\w-]+\./;

/**
 * The parameters in a URL's query that look like a secret, by name or value: `api_key`,
 * `tavilyApiKey`, `access_token`. A URL is shown, logged and sent as `resource`.
 */
export function secretParameters(url: URL): { name: string; value: string }[] {
  return [...url.searchParams]
    .filter(([name, value]) => isSecretName(name) || secretValue.test(value))
    .map(([name, value]) => ({ name, value }));
}

function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => secretWords.has(word) || /(apikey|token|secret)$/.test(word));
}

/** For a page or a file: without the user part, and of secrets in the query only the names. Otherwise unchanged. */
export function withoutUrlSecrets(address: string): string {
  const url = parseUrl(address);
  if (!url) return address;
  const secrets = secretParameters(url);
  if (secrets.length === 0 && url.username === "" && url.password === "") return address;
  url.username = "";
  url.password = "";
  for (const { name } of secrets) url.searchParams.set(name, "hidden");
  return url.href;
}
