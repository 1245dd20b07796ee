import type { DiscoveryEvent, DiscoveryResult } from "@/lib/contracts/servers/discovery";
import type { DiscoveryContext } from "@/lib/discovery/context";
import { type Discovery, discover } from "@/lib/discovery/discover";
import { askIdentity, identityOf } from "@/lib/discovery/server-identity";
import type { Log } from "@/lib/log";

/** Within what a platform allows a request. */
const totalTimeMs = 45_000;

/**
 * The checklist for the form, line by line, the result last. It does not throw: errors
 * are the result.
 *
 * @param asking ends it when the form is closed
 */
export async function* discoveryEvents(
  serverUrl: string,
  ctx: DiscoveryContext & { log: Log },
  asking: AbortSignal,
): AsyncGenerator<DiscoveryEvent> {
  const signal = AbortSignal.any([asking, AbortSignal.timeout(totalTimeMs)]);
  const lines = discover(serverUrl, { ...ctx, signal });
  try {
    for (;;) {
      const { done, value } = await lines.next();
      if (!done) {
        yield { line: value };
        continue;
      }
      yield { result: await resultOf(value, serverUrl, { ...ctx, signal }) };
      return;
    }
  } catch (error) {
    if (!signal.aborted) ctx.log.error({ err: error }, "a discovery failed unexpectedly");
    const reason = signal.aborted
      ? "It took too long. Try again later, or enter the OAuth settings by hand."
      : "Something went wrong inside Usher. Try again, or enter the OAuth settings by hand.";
    yield { result: { outcome: "failed", reason } };
  }
}

/** With what the server says about itself, which is requested only if no token is needed. */
async function resultOf(
  found: Discovery,
  serverUrl: string,
  ctx: DiscoveryContext,
): Promise<DiscoveryResult> {
  if (found.outcome === "open") {
    return { outcome: "open", identity: await askIdentity(serverUrl, ctx) };
  }
  if (found.outcome !== "oauth") return found;
  const { outcome, settings, server, resource } = found;
  const supported = server.acceptsIdJags;
  const issued = supported === "yes" ? ((await ctx.identityProvider?.()) ?? null) : null;
  return {
    outcome,
    settings,
    identityAssertion: { supported, issued },
    identity: identityOf(resource?.resourceName ?? null, null),
  };
}
