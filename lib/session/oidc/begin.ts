import type { OidcStart } from "@/lib/contracts/people/sign-in";
import { failurePath, logged, type OidcContext } from "./complete";
import { OidcFailure } from "./failure";
import { flowCookie, type OidcFlow } from "./flow";

/** The page to go to, at the provider or with a failure, and the cookie that brings the flow back. */
export async function beginOidc(
  ctx: OidcContext,
  flow: Pick<OidcFlow, "returnTo" | "link">,
): Promise<OidcStart & { cookies: string[] }> {
  try {
    if (!ctx.oidc) throw new OidcFailure("OidcOff");
    const begun = await ctx.oidc.begin(flow);
    return { url: begun.url, cookies: [await flowCookie(ctx.env, begun.flow)] };
  } catch (error) {
    if (!(error instanceof OidcFailure)) throw error;
    return { url: failurePath(logged(ctx.log, error), flow), cookies: [] };
  }
}
