import type { UserRow } from "@/lib/db/user";
import { publicUrl } from "./installation";

type Handler = (request: Request, context: { params: Promise<never> }) => Promise<Response>;

interface Visit {
  path: string;
  method?: string;
  params?: Record<string, string>;
  json?: unknown;
  headers?: Record<string, string>;
}

/** A person's browser, as route handlers see it: cookies, Origin, redirects not followed. */
export class Visitor {
  readonly user: UserRow;
  readonly cookies: Map<string, string>;

  constructor(user: UserRow, cookies: Record<string, string>) {
    this.user = user;
    this.cookies = new Map(Object.entries(cookies));
  }

  /** As handlers see them if no proxy is in front. */
  get actor() {
    return { ...this.user, ipAddress: null };
  }

  /** The same person in another browser: the session, but none of this one's other cookies. */
  elsewhere(): Visitor {
    const session = [...this.cookies].filter(([name]) => name.startsWith("next-auth"));
    return new Visitor(this.user, Object.fromEntries(session));
  }

  /** The same browser, sending a second request before the first response arrives. */
  sameBrowser(): Visitor {
    return new Visitor(this.user, Object.fromEntries(this.cookies));
  }

  async visit(handler: Handler, visit: Visit): Promise<Response> {
    const method = visit.method ?? (visit.json === undefined ? "GET" : "POST");
    const request = new Request(new URL(visit.path, publicUrl), {
      method,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        "sec-fetch-site": "same-origin",
        ...(method === "GET" ? {} : { origin: publicUrl, "content-type": "application/json" }),
        ...visit.headers,
      },
      ...(visit.json === undefined ? {} : { body: JSON.stringify(visit.json) }),
    });
    const params = Promise.resolve((visit.params ?? {}) as never);
    const response = await handler(request, { params });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return response;
  }

  #keep(cookie: string): void {
    const [pair = ""] = cookie.split(";");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === "") this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
