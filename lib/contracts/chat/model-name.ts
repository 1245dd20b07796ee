import { parseUrl } from "@/lib/parse-url";

/** Which model answers, and the keys to reach it. Read by lib/chat/model/model.ts. */
export interface ModelEnv {
  /** `provider/model`; null: chosen by the key that is there, else the built-in assistant. */
  aiModel: string | null;
  anthropicApiKey: string | null;
  openaiApiKey: string | null;
  openaiCompatibleBaseUrl: string | null;
  openaiCompatibleApiKey: string | null;
  gatewayApiKey: string | null;
  /** On Vercel the gateway accepts the deployment's own identity. */
  vercel: boolean;
}

export const builtInModelName = "built-in";

const providers = ["anthropic", "openai", "openai-compatible", "gateway"] as const;

export type ModelProvider = (typeof providers)[number];

const forms =
  "Write it as anthropic/<model>, openai/<model>, openai-compatible/<model>, gateway/<creator>/<model> or built-in.";

/** `id` as the provider names the model. */
export type ReadModelName =
  | { provider: ModelProvider; id: string }
  | { provider: null; problem: string };

/** The parts of a name as AI_MODEL is written; null: no provider that Usher can reach. */
export function splitModelName(name: string): { provider: ModelProvider; id: string } | null {
  const [, before, id = ""] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  const provider = providers.find((each) => each === before);
  return provider ? { provider, id } : null;
}

/** Whether the name of a provider's model can be used with the keys that are set; if not, why and what to do. */
export function readModelName(name: string, env: ModelEnv): ReadModelName {
  const parts = splitModelName(name);
  if (!parts)
    return { provider: null, problem: `It is not a model that Usher can reach. ${forms}` };
  const problem = problemOf(parts.provider, parts.id, env);
  return problem === null ? parts : { provider: null, problem };
}

function problemOf(provider: ModelProvider, id: string, env: ModelEnv): string | null {
  switch (provider) {
    case "anthropic":
      return env.anthropicApiKey ? null : missing("ANTHROPIC_API_KEY");
    case "openai":
      return env.openaiApiKey ? null : missing("OPENAI_API_KEY");
    case "openai-compatible": {
      const url = env.openaiCompatibleBaseUrl;
      if (!url) return missing("OPENAI_COMPATIBLE_BASE_URL");
      if (/^https?:\/\//.test(url) && parseUrl(url)) return null;
      return "OPENAI_COMPATIBLE_BASE_URL must be a URL such as http://localhost:11434/v1.";
    }
    case "gateway":
      if (!id.includes("/")) return `The gateway also needs a creator. ${forms}`;
      return env.gatewayApiKey || env.vercel ? null : missing("AI_GATEWAY_API_KEY");
    default:
      return provider satisfies never;
  }
}

function missing(variable: string): string {
  return `${variable} is not set. An admin sets it, or chooses another model.`;
}
