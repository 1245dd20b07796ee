/** Plays the person in the browser at the practice provider, without a browser. */
export interface ConsentRequest {
  /** Where the client sent the browser. */
  authorizationUrl: string | URL;
  person: "ada" | "grace";
  /** `allow` unless given. */
  decision?: "allow" | "deny";
  /** A new one unless given. */
  browser?: ProviderBrowser;
}

/**
 * Opens the authorization URL, chooses the person on the consent page and presses the button.
 * @returns the callback URL that the provider redirects to, which is not opened.
 * @throws if the provider shows an error page instead; the error contains its text.
 */
export async function consent({
  authorizationUrl,
  person,
  decision = "allow",
  browser = new ProviderBrowser(),
}: ConsentRequest): Promise<URL> {
  const arrived = await browser.open(new URL(authorizationUrl));
  if (arrived.kind === "left") return arrived.url;
  const { url, html } = arrived;
  const people = [...html.matchAll(/<input[^>]*name="person"[^>]*value="([^"]*)"/g)].map(
    ([, value]) => value,
  );
  if (!people.includes(person)) {
    throw new Error(`No consent page for ${person} at ${url.pathname}: ${textOf(html)}`);
  }
  const answered = await browser.submit(url, { person, decision });
  if (answered.kind === "left") return answered.url;
  throw new Error(`The consent led to no callback: ${textOf(answered.html)}`);
}

type Arrival = { kind: "page"; url: URL; html: string } | { kind: "left"; url: URL };

/** Follows redirects and keeps cookies like a browser, until it is sent to another origin. */
export class ProviderBrowser {
  readonly #cookies = new Map<string, { value: string; path: string }>();

  open(url: URL): Promise<Arrival> {
    return this.#visit(url, url.origin, { method: "GET" });
  }

  submit(url: URL, form: Record<string, string>): Promise<Arrival> {
    return this.#visit(url, url.origin, { method: "POST", body: new URLSearchParams(form) });
  }

  cookieNames(): string[] {
    return [...this.#cookies.keys()];
  }

  async #visit(url: URL, origin: string, init: RequestInit): Promise<Arrival> {
    if (url.origin !== origin) return { kind: "left", url };
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { cookie: this.#cookieHeader(url), accept: "text/html" },
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    const location = response.headers.get("location");
    const html = await response.text();
    return location === null
      ? { kind: "page", url, html }
      : this.#visit(new URL(location, url), origin, { method: "GET" });
  }

  #keep(cookie: string): void {
    const [pair = "", ...attributes] = cookie.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    const path = attributes.find((one) => one.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
    const value = pair.slice(pair.indexOf("=") + 1);
    if (value === "") this.#cookies.delete(name);
    else this.#cookies.set(name, { value, path });
  }

  #cookieHeader(url: URL): string {
    return [...this.#cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
  }
}

function textOf(html: string): string {
  return html
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
