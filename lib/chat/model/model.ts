import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createGateway, type LanguageModel } from "ai";
import { type BuiltInModelOptions, createBuiltInModel } from "@/lib/chat/built-in-model/model";
import type { ProviderFamily } from "@/lib/chat/model/tools/families";
import {
  builtInModelName,
  type ModelEnv,
  type ModelProviderKind,
  type ModelSetup,
  providerVariables,
  readModelName,
  type SavedProvider,
} from "@/lib/contracts/chat/model-name";
import { InvalidInputError } from "@/lib/errors";
import type { Keyring } from "@/lib/vault/keyring";
import { defaultModelName } from "./model-choice";
import { openModelKey } from "./providers/api-key";
import { ChatChunks } from "./stream/chat-chunks";
import { MessagesEvents, pieceOfBlock } from "./stream/messages-events";
import { pieceOfResponse, ResponsesEvents } from "./stream/responses-events";
import { pieceOfChunk, UsualChunks } from "./stream/usual-chunks";
import { usualResponse } from "./stream/usual-response";
import { type StreamApi, usualStream } from "./stream/usual-stream";
import { refusesStream, withoutStream } from "./stream/without-stream";

/** The model that answers: `name` in the form of AI_MODEL, or `built-in`. */
export type ResolvedModel = {
  name: string;
  builtIn: boolean;
  model: Exclude<LanguageModel, string>;
  /** What an admin checks when the provider refuses the key, in words. */
  keyName: string | null;
  family: ProviderFamily;
};

/** How models are reached. */
export interface ModelReach extends BuiltInModelOptions {
  /** Providers from the environment; null or absent: their libraries' default. */
  fetch?: typeof fetch | null | undefined;
  /** Providers that admins added: through the outbound guard. */
  guardedFetch?: typeof fetch | undefined;
  /** @throws SealedBoxError */
  openKey?: ((provider: SavedProvider) => string | null) | undefined;
}

/** How a running Usher reaches them. */
export function modelReach(ctx: {
  keyring: Keyring;
  now: () => Date;
  modelFetch?: typeof fetch | null;
  guardedModelFetch?: typeof fetch;
}): ModelReach {
  const { keyring, now, modelFetch, guardedModelFetch: guardedFetch } = ctx;
  return {
    ...{ now, fetch: modelFetch, guardedFetch },
    openKey: (provider) => openModelKey(keyring, provider),
  };
}

const usualBaseUrls = {
  anthropic: "https://api.anthropic.com/v1",
  openai: "https://api.openai.com/v1",
  gateway: "https://ai-gateway.vercel.sh/v3/ai",
  // Each has a separate one.
  "openai-compatible": "",
} as const satisfies Record<ModelProviderKind, string>;

/** A provider's base URL, without a trailing slash: its own, otherwise the usual one for its kind. */
export function baseUrlOf(kind: ModelProviderKind, own: string | null): string {
  return (own ?? usualBaseUrls[kind]).replace(/\/+$/, "");
}

/**
 * @param modelName in the form of AI_MODEL; null: this installation's default
 * @throws InvalidInputError (field `model`) the name is malformed, or what it needs is not configured
 */
export function resolveModel(
  modelName: string | null,
  setup: ModelSetup,
  reach: ModelReach = {},
): ResolvedModel {
  const name = modelName?.trim() || defaultModelName(setup);
  if (name === builtInModelName) {
    return { name, builtIn: true, model: createBuiltInModel(reach), ...builtInFamily };
  }
  const read = readModelName(name, setup);
  if (read.provider === null) throw unusable(name, read.problem);
  const { provider, id, saved } = read;
  return {
    name,
    builtIn: false,
    family: familyOf(read),
    model: createModel(
      provider,
      id,
      saved ? savedAccess(saved, reach) : envAccess(provider, setup, reach),
    ),
    keyName: saved ? `the API key of ${saved.name} in Settings > Models` : keyVariables[provider],
  };
}

/** Absent: the default of the provider's package, which also reads its own variables. */
type Access = { apiKey?: string; baseURL?: string; fetch?: typeof fetch };

function createModel(provider: ModelProviderKind, id: string, access: Access) {
  const ask = access.fetch ?? fetch;
  const send: typeof fetch = async (input, init) => {
    const first = await ask(input, init);
    const whole = !first.ok && (await refusesStream(first)) ? withoutStream(init) : null;
    const response = whole === null ? first : await ask(input, whole);
    if (!response.ok) return response;
    const api = apiOf(provider);
    const isStream = /event-stream/i.test(response.headers.get("content-type") ?? "");
    return isStream && response.body
      ? usualStream(response.body, api)
      : usualResponse(response, input, api);
  };
  switch (provider) {
    case "anthropic":
      return createAnthropic({ ...access, fetch: send })(id);
    case "openai":
      return createOpenAI({ ...access, fetch: send })(id);
    case "openai-compatible":
      return createOpenAICompatible({ name: provider, baseURL: "", ...access, fetch: send })(id);
    case "gateway":
      return createGateway(access)(id);
    default:
      return provider satisfies never;
  }
}

function apiOf(provider: ModelProviderKind): StreamApi {
  if (provider === "anthropic") {
    return { usual: null, reader: () => new MessagesEvents(), pieceOf: pieceOfBlock };
  }
  if (provider === "openai") {
    return { usual: null, reader: () => new ResponsesEvents(), pieceOf: pieceOfResponse };
  }
  return { usual: new UsualChunks(), reader: () => new ChatChunks(), pieceOf: pieceOfChunk };
}

const keyVariables = {
  ...providerVariables,
  "openai-compatible": "OPENAI_COMPATIBLE_API_KEY",
} as const;

function envAccess(
  provider: ModelProviderKind,
  env: ModelSetup,
  { fetch: reached }: ModelReach,
): Access {
  return {
    ...keyed(envKey(provider, env)),
    ...(provider === "openai-compatible" ? { baseURL: env.openaiCompatibleBaseUrl ?? "" } : {}),
    ...(reached ? { fetch: reached } : {}),
  };
}

export function envKey(provider: ModelProviderKind, env: ModelEnv): string | null {
  const keys = {
    anthropic: env.anthropicApiKey,
    openai: env.openaiApiKey,
    "openai-compatible": env.openaiCompatibleApiKey,
    gateway: env.gatewayApiKey,
  };
  return keys[provider];
}

/** Its own URL and fetch, whatever the packages' variables say: the key goes nowhere else. */
function savedAccess(saved: SavedProvider, { guardedFetch, openKey }: ModelReach): Access {
  if (!guardedFetch || !openKey) throw new Error("A saved provider is reached by the guard alone.");
  return {
    ...keyed(openKey(saved)),
    baseURL: baseUrlOf(saved.kind, saved.baseUrl),
    fetch: guardedFetch,
  };
}

function keyed(apiKey: string | null): { apiKey?: string } {
  return apiKey ? { apiKey } : {};
}

/** The built-in assistant reads a tool as its server describes it. */
const builtInFamily = { keyName: null, family: "openai-compatible" } as const;

/** The rules for a model's tools; null: the built-in assistant has none, and for others they are unknown. */
export function modelFamily(name: string, setup: ModelSetup): ProviderFamily | null {
  const read = readModelName(name, setup);
  return read.provider === null ? null : familyOf(read);
}

/**
 * A gateway's model follows its creator. For an unknown one, the API with the strictest rules. A compatible API
 * passes on what it gets, too: some models are known by their names.
 */
function familyOf({ provider, id }: { provider: ModelProviderKind; id: string }): ProviderFamily {
  if (/grok/i.test(id)) return "grok";
  if (provider !== "openai" && /kimi|moonshot/i.test(id)) return "kimi";
  if (provider === "openai-compatible" && /gemini/i.test(id)) return "gemini";
  if (provider !== "gateway") return provider;
  if (id.startsWith("anthropic/")) return "anthropic";
  return id.startsWith("openai/") ? "openai" : "gemini";
}

function unusable(name: string, why: string): InvalidInputError {
  const message = unusableWords(name, why);
  return new InvalidInputError({ model: message }, message);
}

/** What is wrong with a model's name on this installation, in words; null if it can be used. */
export function modelProblem(name: string, setup: ModelSetup): string | null {
  if (name === builtInModelName) return null;
  const read = readModelName(name, setup);
  return read.provider === null ? unusableWords(name, read.problem) : null;
}

function unusableWords(name: string, why: string): string {
  return `The model "${name}" cannot be used: ${why}`;
}
