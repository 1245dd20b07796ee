import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createGateway, type LanguageModel } from "ai";
import { type BuiltInModelOptions, createBuiltInModel } from "@/lib/chat/built-in-model/model";
import type { ProviderFamily } from "@/lib/chat/model/tools/families";
import type { ModelEnv } from "@/lib/env";
import { InvalidInputError } from "@/lib/errors";
import { parseUrl } from "@/lib/parse-url";

export type { ModelEnv };

/** What answers: `name` as AI_MODEL is written, or `built-in`. */
export type ResolvedModel = {
  name: string;
  builtIn: boolean;
  model: Exclude<LanguageModel, string>;
  /** The variable that an admin checks when the provider refuses the key. */
  keyVariable: string | null;
  family: ProviderFamily;
};

export const builtInModelName = "built-in";

/** Where one key is set and no model is named. */
const defaultModels = {
  anthropic: "anthropic/claude-sonnet-5-5",
  openai: "openai/gpt-5.5",
} as const;

const wanted =
  "Write it as anthropic/<model>, openai/<model>, openai-compatible/<model>, gateway/<creator>/<model> or built-in.";

/**
 * The name of the model that answers where an assistant names none: AI_MODEL, else the current
 * default of the one provider whose key is set, else the built-in assistant.
 */
export function defaultModelName(env: ModelEnv): string {
  if (env.aiModel) return env.aiModel;
  const keyed = [
    ...(env.anthropicApiKey ? [defaultModels.anthropic] : []),
    ...(env.openaiApiKey ? [defaultModels.openai] : []),
  ];
  return keyed.length === 1 && keyed[0] ? keyed[0] : builtInModelName;
}

/**
 * @param modelName as AI_MODEL is written; null: the default of this installation
 * @throws InvalidInputError (field `model`) the name is malformed, or what it needs is not configured
 */
export function resolveModel(
  modelName: string | null,
  env: ModelEnv,
  options: BuiltInModelOptions & {
    /** Reaches the model; null or absent: as its library does. */
    fetch?: typeof fetch | null | undefined;
  } = {},
): ResolvedModel {
  const reached = options.fetch ? { fetch: options.fetch } : {};
  const name = modelName?.trim() || defaultModelName(env);
  if (name === builtInModelName) {
    return { name, builtIn: true, model: createBuiltInModel(options), ...builtInFamily };
  }
  const [, provider = "", id = ""] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  switch (provider) {
    case "anthropic": {
      const apiKey = required(name, env.anthropicApiKey, "ANTHROPIC_API_KEY");
      const model = createAnthropic({ apiKey, ...reached })(id);
      return { name, builtIn: false, model, keyVariable: "ANTHROPIC_API_KEY", family: "anthropic" };
    }
    case "openai": {
      const apiKey = required(name, env.openaiApiKey, "OPENAI_API_KEY");
      const model = createOpenAI({ apiKey, ...reached })(id);
      return { name, builtIn: false, model, keyVariable: "OPENAI_API_KEY", family: "openai" };
    }
    case "openai-compatible": {
      const baseURL = required(name, env.openaiCompatibleBaseUrl, "OPENAI_COMPATIBLE_BASE_URL");
      if (!/^https?:\/\//.test(baseURL) || !parseUrl(baseURL)) {
        throw unusable(
          name,
          "OPENAI_COMPATIBLE_BASE_URL must be a URL such as http://localhost:11434/v1.",
        );
      }
      const apiKey = env.openaiCompatibleApiKey;
      const provider = createOpenAICompatible({
        name: "openai-compatible",
        baseURL,
        ...(apiKey ? { apiKey } : {}),
        ...reached,
      });
      return {
        name,
        builtIn: false,
        model: provider(id),
        keyVariable: "OPENAI_COMPATIBLE_API_KEY",
        family: "openai-compatible",
      };
    }
    case "gateway": {
      if (!id.includes("/")) throw unusable(name, `The gateway also needs a creator. ${wanted}`);
      const apiKey = env.gatewayApiKey;
      if (!apiKey && !env.vercel) {
        throw unusable(
          name,
          "AI_GATEWAY_API_KEY is not set. An admin sets it, or chooses another model.",
        );
      }
      const model = createGateway({ ...(apiKey ? { apiKey } : {}), ...reached })(id);
      return {
        name,
        builtIn: false,
        model,
        keyVariable: "AI_GATEWAY_API_KEY",
        family: familyOf(id),
      };
    }
    default:
      throw unusable(name, `It is not a model that Usher can reach. ${wanted}`);
  }
}

/** The built-in assistant reads a tool as its server describes it. */
const builtInFamily = { keyVariable: null, family: "openai-compatible" } as const;

/** Which rules the tools of a model have to follow, by its name; null: the built-in assistant has none. */
export function modelFamily(name: string): ProviderFamily | null {
  const [, provider = "", id = ""] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  if (provider === "gateway") return familyOf(id);
  if (provider === "openai" || provider === "anthropic") return provider;
  return provider === "openai-compatible" ? provider : null;
}

/** By its creator. Of one that is not known, the API with the narrowest rules. */
function familyOf(id: string): ProviderFamily {
  if (id.startsWith("anthropic/")) return "anthropic";
  return id.startsWith("openai/") ? "openai" : "gemini";
}

function required(name: string, value: string | null, variable: string): string {
  if (value) return value;
  throw unusable(name, `${variable} is not set. An admin sets it, or chooses another model.`);
}

function unusable(name: string, why: string): InvalidInputError {
  const message = `The model "${name}" cannot be used: ${why}`;
  return new InvalidInputError({ model: message }, message);
}

/** What is wrong with a model's name on this installation, in words; null where it can be used. */
export function modelProblem(name: string, env: ModelEnv): string | null {
  try {
    resolveModel(name, env);
    return null;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.userMessage;
    throw error;
  }
}

/** What answers where an assistant names no model. */
export function describeDefaultModel(env: ModelEnv): { name: string; builtIn: boolean } {
  const name = defaultModelName(env);
  return { name, builtIn: name === builtInModelName };
}
