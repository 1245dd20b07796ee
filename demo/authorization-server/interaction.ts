import type Provider from "oidc-provider";
import type { ProviderPage } from "@/demo/authorization-server/page";

type Middleware = Parameters<Provider["use"]>[0];
type Context = Parameters<Middleware>[0];
type Result = Parameters<Provider["interactionResult"]>[2];

/** Sends the browser on with its person's decision. */
export async function finishInteraction(
  provider: Provider,
  context: Context,
  result: Result,
): Promise<void> {
  const returnTo = await provider.interactionResult(context.req, context.res, result, {
    mergeWithLastSubmission: false,
  });
  context.status = 303;
  context.redirect(returnTo);
}

export function showPage(context: Context, status: number, page: ProviderPage): void {
  context.status = status;
  context.set({ ...page.headers });
  context.body = page.html;
}
