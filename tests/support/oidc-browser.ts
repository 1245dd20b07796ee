import { GET as callbackRoute } from "@/app/api/auth/callback/oidc/route";
import { POST as startRoute } from "@/app/api/auth/signin/oidc/route";
import type { IdentityProvider } from "./identity-provider";
import { publicUrl } from "./installation";
import { sendJson } from "./local-http-server";
import type { Visitor } from "./visitor";

/** What the sign-in button does. */
export async function startOidc(visitor: Visitor, callbackUrl = "/chat"): Promise<string> {
  const response = await visitor.visit(startRoute, {
    path: "/api/auth/signin/oidc",
    json: { callbackUrl },
  });
  return (await response.json()).url;
}

/** Opens the callback. Resolves to where it leads: path and query. */
export async function comeBack(visitor: Visitor, callback: URL): Promise<string> {
  const response = await visitor.visit(callbackRoute, {
    path: callback.pathname + callback.search,
    headers: { "sec-fetch-site": "cross-site" },
  });
  return (response.headers.get("location") ?? "").replace(publicUrl, "");
}

/** Signs in as `sub` from start to end. Resolves to where it ends. */
export async function signInByOidc(
  visitor: Visitor,
  provider: IdentityProvider,
  sub: string,
): Promise<string> {
  return comeBack(visitor, await provider.signIn(await startOidc(visitor), sub));
}

/** Changes the real provider's next response at this path. */
export function changeNextAnswer(
  provider: IdentityProvider,
  path: string,
  change: (body: Record<string, unknown>) => unknown,
): void {
  provider.intercept(path, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    provider.intercept(path, null);
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const answer = await fetch(provider.issuer + (request.url ?? ""), {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const body = (await answer.json()) as Record<string, unknown>;
    sendJson(response, answer.status, change(body));
  });
}
