import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { checkUrl, type OutboundPolicy, type UrlDecision } from "@/lib/net/policy";

/** The route to models of providers that admins added. */
export interface ModelOutbound {
  /** Through the guard. */
  guardedModelFetch: typeof fetch;
  checkModelUrl: (url: string) => UrlDecision;
}

/**
 * Model servers such as Ollama and vLLM speak http within one's own network: this is allowed for the hosts that the
 * operator listed. If a listed name resolves to a public address, http is refused: the key could be read on the way.
 */
export function createModelOutbound(
  policy: OutboundPolicy,
  dispatcher: Parameters<typeof createOutboundAgent>[1],
  limits: Parameters<typeof createOutboundFetch>[1],
): ModelOutbound {
  const modelPolicy = { ...policy, allowHttpToPrivateHosts: true };
  const agent = createOutboundAgent(modelPolicy, dispatcher);
  return {
    guardedModelFetch: createOutboundFetch(agent, limits) as typeof fetch,
    checkModelUrl: (url) => checkUrl(url, modelPolicy),
  };
}
