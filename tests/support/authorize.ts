import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { GET as callbackRoute } from "@/app/oauth/callback/route";
import { consent } from "./provider-consent";
import type { Visitor } from "./visitor";

/** Clicks Authorize. Resolves to where the browser is sent. */
export async function clickAuthorize(
  visitor: Visitor,
  serverId: string,
  query = "",
): Promise<string> {
  const response = await visitor.visit(authorizeRoute, {
    path: `/oauth/authorize/${serverId}${query}`,
    params: { serverId },
  });
  return response.headers.get("location") ?? "";
}

/** Opens what the provider redirects to. */
export function openCallback(visitor: Visitor, callbackUrl: URL): Promise<Response> {
  const { pathname, search } = callbackUrl;
  return visitor.visit(callbackRoute, { path: pathname + search });
}

/** The whole flow, as one of the provider's people. Resolves to where it ends. */
export async function authorize(
  visitor: Visitor,
  serverId: string,
  person: "ada" | "grace" = "ada",
  decision: "allow" | "deny" = "allow",
): Promise<string> {
  const authorizationUrl = await clickAuthorize(visitor, serverId);
  const callbackUrl = await consent({ authorizationUrl, person, decision });
  const response = await openCallback(visitor, callbackUrl);
  return response.headers.get("location") ?? "";
}

/** The same for one of the visitor's accounts, or for a new one. @param account `new`, `team` or an account's id */
export async function authorizeAs(
  visitor: Visitor,
  serverId: string,
  person: "ada" | "grace",
  account = "first",
): Promise<string> {
  const authorizationUrl = await clickAuthorize(visitor, serverId, `?account=${account}`);
  const response = await openCallback(visitor, await consent({ authorizationUrl, person }));
  return response.headers.get("location") ?? "";
}
