import type { Agent } from "undici";
import type { DispatcherOptions, Resolve } from "@/lib/net/guarded-dispatcher";
import type { OutboundPolicy } from "@/lib/net/outbound-policy";

export type { Resolve };

/** Kept connections under one policy. One serves the whole application. */
export interface OutboundAgent {
  readonly policy: OutboundPolicy;
  /** There at once, but for the first time: a process that starts sends nothing yet. */
  dispatcher(): Agent | Promise<Agent>;
  /** Ends every connection; what is under way fails. */
  close(): Promise<void>;
}

/** An agent that connects only where `policy` lets it. */
export function createOutboundAgent(
  policy: OutboundPolicy,
  options: DispatcherOptions = {},
): OutboundAgent {
  let loading: Promise<Agent> | null = null;
  let loaded: Agent | null = null;
  const load = async () => {
    const { createGuardedDispatcher } = await import("@/lib/net/guarded-dispatcher");
    loaded = createGuardedDispatcher(policy, options);
    return loaded;
  };
  const dispatcher = () => {
    if (loaded) return loaded;
    loading ??= load();
    return loading;
  };
  return { policy, dispatcher, close: async () => (await dispatcher()).destroy() };
}
