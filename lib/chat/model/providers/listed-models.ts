import { APICallError } from "ai";
import { parseBoundedJson } from "@/lib/bounded-json";
import { baseUrlOf, envKey } from "@/lib/chat/model/model";
import { explainModelFailure } from "@/lib/chat/model/model-failure";
import {
  isInEnvironment,
  type ModelProviderKind,
  modelProviderKinds,
} from "@/lib/contracts/chat/model-name";
import type { ProviderModels } from "@/lib/contracts/models";
import { findModelProvider } from "@/lib/db/models/model-provider";
import { NotFoundError } from "@/lib/errors";
import { oneLine } from "@/lib/untrusted-text";
import { openModelKey } from "./api-key";
import type { ModelsContext } from "./context";

const answerMs = 10_000;
const mostBytes = 4 * 1024 * 1024;
const mostRead = 5_000;
const mostShown = 500;
const longestId = 260;
const longestLabel = 80;

/**
 * The models that a provider lists, filtered by a search.
 * @throws NotFoundError there is no such provider; an unreadable list is reported in `problem`
 */
export async function listProviderModels(
  ctx: ModelsContext,
  name: string,
  search = "",
): Promise<ProviderModels> {
  try {
    const access = await accessTo(ctx, name);
    const wanted = search.toLowerCase();
    const models = readList(await fetchList(access)).filter(
      ({ id, label }) => id.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted),
    );
    return { models: models.slice(0, mostShown), total: models.length, problem: null };
  } catch (error) {
    if (error instanceof NotFoundError) throw error;
    return { models: [], total: 0, problem: problemOf(error, name) };
  }
}

interface Access {
  kind: ModelProviderKind;
  baseUrl: string;
  apiKey: string | null;
  send: typeof fetch;
}

/** The environment's provider, otherwise the saved one. @throws NotFoundError */
async function accessTo(ctx: ModelsContext, name: string): Promise<Access> {
  const own = modelProviderKinds.find((kind) => kind === name);
  if (own && isInEnvironment(own, ctx.env.model)) {
    const { model: env } = ctx.env;
    const baseUrl = baseUrlOf(
      own,
      own === "openai-compatible" ? env.openaiCompatibleBaseUrl : null,
    );
    return { kind: own, baseUrl, apiKey: envKey(own, env), send: ctx.operatorFetch ?? fetch };
  }
  const row = await findModelProvider(ctx.db, name);
  if (!row) throw new NotFoundError("There is no such provider. It may have been removed.");
  const kind = row.kind as ModelProviderKind;
  const apiKey = openModelKey(ctx.keyring, row);
  return { kind, baseUrl: baseUrlOf(kind, row.baseUrl), apiKey, send: ctx.guardedModelFetch };
}

/**
 * @see https://docs.anthropic.com/en/api/models-list
 * @see https://platform.openai.com/docs/api-reference/models/list
 */
function listRequest({ kind, baseUrl, apiKey }: Access): { url: string; headers: HeadersInit } {
  if (kind === "anthropic") {
    const headers = { "x-api-key": apiKey ?? "", "anthropic-version": "2023-06-01" };
    return { url: `${baseUrl}/models?limit=1000`, headers };
  }
  const headers: HeadersInit = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  const url = kind === "gateway" ? `${new URL(baseUrl).origin}/v1/models` : `${baseUrl}/models`;
  return { url, headers };
}

async function fetchList(access: Access): Promise<unknown> {
  const { url, headers } = listRequest(access);
  const signal = AbortSignal.timeout(answerMs);
  const response = await access.send(url, {
    headers: { accept: "application/json", ...headers },
    redirect: "error",
    signal,
  });
  const text = await boundedText(response);
  if (response.status === 200) return parseBoundedJson(text);
  throw new APICallError({
    ...{ message: "", url, requestBodyValues: {}, responseBody: text.slice(0, 4_000) },
    statusCode: response.status,
  });
}

class UnreadableListError extends Error {}

async function boundedText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new UnreadableListError("too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Where gateways put the list, and what they call a model's name. */
const lists = ["data", "models", "items", "results", "result"];
const ids = ["id", "name", "model", "model_name", "model_id", "slug"];

/** Item by item: anything that is not a model is left out. Some list names alone. */
function readList(answer: unknown): ProviderModels["models"] {
  const items = listIn(answer);
  if (items === null) throw new UnreadableListError("no list");
  const byId = new Map<string, string>();
  for (const item of items.slice(0, mostRead)) {
    const named = ids.map((name) => fieldOf(item, name));
    const id = typeof item === "string" ? item : named.find((each) => typeof each === "string");
    if (typeof id !== "string" || id.length > longestId || !/^[\x21-\x7e]+$/.test(id)) continue;
    const label = fieldOf(item, "display_name") ?? fieldOf(item, "name");
    byId.set(id, typeof label === "string" ? oneLine(label, longestLabel) : "");
  }
  return [...byId].map(([id, label]) => ({ id, label: label === id ? "" : label }));
}

/** Found at most two levels deep. Null: no list. */
function listIn(answer: unknown, levels = 2): readonly unknown[] | null {
  if (Array.isArray(answer)) return answer;
  const inside = levels === 0 ? [] : lists.map((name) => fieldOf(answer, name));
  const list = inside.find((each) => Array.isArray(each));
  if (Array.isArray(list)) return list;
  const nested = inside.map((each) => listIn(each, levels - 1));
  return nested.find((each) => each !== null) ?? null;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function problemOf(error: unknown, name: string): string {
  const isMissing =
    APICallError.isInstance(error) && [404, 405, 501].includes(error.statusCode ?? 0);
  if (isMissing) return "This provider has no list of models. Type the model’s name.";
  if (error instanceof UnreadableListError || error instanceof SyntaxError) {
    return "The provider’s list of models could not be read. Type the model’s name.";
  }
  const keyName = `the API key of ${name}`;
  return explainModelFailure(error, { name, keyName, tools: 0 }).message;
}
