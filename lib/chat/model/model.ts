import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createGateway, type LanguageModel } from "ai";
import { type BuiltInModelOptions, createBuiltInModel } from "@/lib/chat/built-in-model/model";
import type { ProviderFamily } from "@/lib/chat/model/tools/families";
import {
  builtInModelName,
  type ModelEnv,
  type ModelProvider,
  readModelName,
  splitModelName,
} from "@/lib/contracts/chat/model-name";
import { InvalidInputError } from "@/lib/errors";

/** What answers: `name` as AI_MODEL is written, or `built-in`. */
export type ResolvedModel = {
  name: string;
  builtIn: boolean;
  model: Exclude<LanguageModel, string>;
  /** The variable that an admin checks when the provider refuses the key. */
  keyVariable: string | null;
  family: ProviderFamily;
};

/** Where one key is set and no model is named. */
const defaultModels = {
  anthropic: "anthropic/claude-sonnet-5-5",
  openai: "openai/gpt-5.5",
} as const;

/**
 * The name of the model that answers where an assistant names none: AI_MODEL, else the current
 * default of the one provider whose key is set, else the built-in assistant.
 */
export function defaultModelName(env: ModelEnv): string {
  if (env.aiModel) return env.aiModel;
  const withKey = [
    ...(env.anthropicApiKey ? [defaultModels.anthropic] : []),
    ...(env.openaiApiKey ? [defaultModels.openai] : []),
  ];
  return withKey.length === 1 && withKey[0] ? withKey[0] : builtInModelName;
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
  const read = readModelName(name, env);
  if (read.provider === null) throw unusable(name, read.problem);
  const { provider, id } = read;
  const answering = { name, builtIn: false, family: familyOf(read) };
  switch (provider) {
    case "anthropic": {
      const model = createAnthropic({ ...keyed(env.anthropicApiKey), ...reached })(id);
      return { ...answering, model, keyVariable: "ANTHROPIC_API_KEY" };
    }
    case "openai": {
      const model = createOpenAI({ ...keyed(env.openaiApiKey), ...reached })(id);
      return { ...answering, model, keyVariable: "OPENAI_API_KEY" };
    }
    case "openai-compatible": {
      const compatible = createOpenAICompatible({
        name: "openai-compatible",
        baseURL: env.openaiCompatibleBaseUrl ?? "",
        ...keyed(env.openaiCompatibleApiKey),
        ...reached,
      });
      return { ...answering, model: compatible(id), keyVariable: "OPENAI_COMPATIBLE_API_KEY" };
    }
    case "gateway": {
      const model = createGateway({ ...keyed(env.gatewayApiKey), ...reached })(id);
      return { ...answering, model, keyVariable: "AI_GATEWAY_API_KEY" };
    }
    default:
      return provider satisfies never;
  }
}

function keyed(apiKey: string | null): { apiKey?: string } {
  return apiKey ? { apiKey } : {};
}

/** The built-in assistant reads a tool as its server describes it. */
const builtInFamily = { keyVariable: null, family: "openai-compatible" } as const;

/** Which rules the tools of a model have to follow, by its name; null: the built-in assistant has none. */
export function modelFamily(name: string): ProviderFamily | null {
  const parts = splitModelName(name);
  return parts && familyOf(parts);
}

/** A gateway's is its creator's. Of one that is not known, the API with the narrowest rules. */
function familyOf({ provider, id }: { provider: ModelProvider; id: string }): ProviderFamily {
  if (provider !== "gateway") return provider;
  if (id.startsWith("anthropic/")) return "anthropic";
  return id.startsWith("openai/") ? "openai" : "gemini";
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
