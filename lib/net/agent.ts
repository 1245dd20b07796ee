import type { Agent } from "undici";
import type { DispatcherOptions } from "@/lib/net/dispatcher";
import type { OutboundPolicy } from "@/lib/net/policy";

/** Kept connections under one policy. One serves the whole application. */
export interface OutboundAgent {
  readonly policy: OutboundPolicy;
  /** Loaded with the first use: a process that starts sends nothing yet. */
  dispatcher(): Promise<Agent>;
  /** Ends every connection; what is under way fails. */
  close(): Promise<void>;
}

/** An agent that connects only where `policy` lets it. */
export function createOutboundAgent(
  policy: OutboundPolicy,
  options: DispatcherOptions = {},
): OutboundAgent {
  let loading: Promise<Agent> | null = null;
  const load = async () => {
    const { createGuardedDispatcher } = await import("@/lib/net/dispatcher");
    return createGuardedDispatcher(policy, options);
  };
  const dispatcher = () => {
    loading ??= load();
    return loading;
  };
  return { policy, dispatcher, close: async () => (await loading)?.destroy() };
}
