import { parseUrl } from "@/lib/parse-url";

/** Which model answers, and the keys to reach it, from the environment. Read by lib/chat/model/model.ts. */
export interface ModelEnv {
  /** `provider/model`; null: chosen by what admins offer, then by the key that is set. */
  aiModel: string | null;
  anthropicApiKey: string | null;
  openaiApiKey: string | null;
  openaiCompatibleBaseUrl: string | null;
  openaiCompatibleApiKey: string | null;
  gatewayApiKey: string | null;
  /** On Vercel the gateway accepts the deployment's own identity. */
  vercel: boolean;
}

/** A provider that an admin added. */
export interface SavedProvider {
  id: string;
  kind: ModelProviderKind;
  /** The prefix of its models' names. */
  name: string;
  /** Null: the usual one of its kind. */
  baseUrl: string | null;
  apiKeySealed: string | null;
  enabled: boolean;
}

/** A model that an admin offers. */
export interface OfferedModel {
  id: string;
  name: string;
  /** Empty: its own name is shown. */
  label: string;
  audience: "EVERYONE" | "ADMINS";
  isDefault: boolean;
}

/** The environment, with what admins saved; absent: nothing. The environment takes precedence. */
export interface ModelSetup extends ModelEnv {
  saved?: readonly SavedProvider[];
  offered?: readonly OfferedModel[];
}

export const builtInModelName = "built-in";

export const modelProviderKinds = ["anthropic", "openai", "openai-compatible", "gateway"] as const;

export type ModelProviderKind = (typeof modelProviderKinds)[number];

const forms =
  "Write it as anthropic/<model>, openai/<model>, openai-compatible/<model>, gateway/<creator>/<model> or built-in.";

/** `id` is the provider's name for the model. `saved`: the provider that an admin added; null: the environment's. */
export type ReadModelName =
  | { provider: ModelProviderKind; id: string; saved: SavedProvider | null }
  | { provider: null; problem: string };

/** A name in the form of AI_MODEL, in its two parts; null: it does not have that form. */
export function splitModelName(name: string): { provider: string; id: string } | null {
  const [, provider, id] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  return provider && id ? { provider, id } : null;
}

/** Whether a provider's model name can be used with the current settings; if not, why and what to do. */
export function readModelName(name: string, setup: ModelSetup): ReadModelName {
  const parts = splitModelName(name);
  const kind = modelProviderKinds.find((each) => each === parts?.provider);
  const saved = setup.saved?.find((each) => each.name === parts?.provider) ?? null;
  if (!parts || (!kind && !saved)) {
    return { provider: null, problem: `It is not a model that Usher can reach. ${forms}` };
  }
  const { id } = parts;
  if ((kind ?? saved?.kind) === "gateway" && !id.includes("/")) {
    return { provider: null, problem: `The gateway also needs a creator. ${forms}` };
  }
  if (saved && !(kind && isInEnvironment(kind, setup))) {
    if (saved.enabled) return { provider: saved.kind, id, saved };
    const problem = `The provider ${saved.name} is turned off. Ask an admin to turn it on in Settings > Models, or choose another model.`;
    return { provider: null, problem };
  }
  const problem = kind ? problemOf(kind, setup) : null;
  if (!kind || problem !== null) return { provider: null, problem: problem ?? forms };
  return { provider: kind, id, saved: null };
}

/** The variable that says how a provider of the environment is reached. */
export const providerVariables = {
  anthropic: "ANTHROPIC_API_KEY",
  openai: "OPENAI_API_KEY",
  "openai-compatible": "OPENAI_COMPATIBLE_BASE_URL",
  gateway: "AI_GATEWAY_API_KEY",
} as const satisfies Record<ModelProviderKind, string>;

/** Whether the environment configures the provider, which then takes precedence over one that an admin added. */
export function isInEnvironment(kind: ModelProviderKind, env: ModelEnv): boolean {
  switch (kind) {
    case "anthropic":
      return env.anthropicApiKey !== null;
    case "openai":
      return env.openaiApiKey !== null;
    case "openai-compatible":
      return env.openaiCompatibleBaseUrl !== null;
    case "gateway":
      return env.gatewayApiKey !== null;
    default:
      return kind satisfies never;
  }
}

/** People paste the address that a provider's examples call; without that it is the base URL. */
export function modelBaseUrl(text: string): string {
  return text.replace(/\/+$/, "").replace(/\/(chat\/completions|responses|messages|models)$/i, "");
}

function problemOf(kind: ModelProviderKind, env: ModelEnv): string | null {
  if (!isInEnvironment(kind, env) && !(kind === "gateway" && env.vercel)) {
    return `${providerVariables[kind]} is not set. Ask an admin to set it, or choose another model.`;
  }
  const url = kind === "openai-compatible" ? env.openaiCompatibleBaseUrl : null;
  if (url === null || (/^https?:\/\//.test(url) && parseUrl(url))) return null;
  return "OPENAI_COMPATIBLE_BASE_URL must be a URL such as http://localhost:11434/v1.";
}
