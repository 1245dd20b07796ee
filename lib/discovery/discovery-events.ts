import type { DiscoveryEvent } from "@/lib/contracts/servers/discovery";
import type { Log } from "@/lib/log";
import type { DiscoveryContext } from "./context";
import { discover } from "./discover";

/** Within what a platform gives a request. */
const totalTimeMs = 45_000;

/**
 * The checklist as the form shows it, line by line, the result last. It does not throw: what went
 * wrong is the result.
 *
 * @param asking ends it when the form goes away
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
      const result =
        value.outcome === "oauth" ? { outcome: value.outcome, settings: value.settings } : value;
      yield { result };
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
