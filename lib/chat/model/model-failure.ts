import { APICallError, RetryError } from "ai";
import type { TurnErrorPart } from "@/lib/contracts/chat/chat";
import { InvalidInputError } from "@/lib/errors";

/** The failure for people and the log, without the provider's text, which may quote a key. */
export type ModelFailure = TurnErrorPart & { log: Record<string, unknown> };

export type ModelFailureContext = {
  name: string;
  keyVariable: string | null;
  tools: number;
};

/** OpenAI's limit of tools per request. */
const commonToolLimit = 128;

export function explainModelFailure(thrown: unknown, model: ModelFailureContext): ModelFailure {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  if (error instanceof InvalidInputError) {
    return failure(error.userMessage, true, { error: error.name });
  }
  if (APICallError.isInstance(error) && (error.statusCode ?? 0) >= 400) {
    const code = providerCode(error.data);
    const status = error.statusCode ?? 0;
    const log = { error: error.name, status, ...(code ? { providerCode: code } : {}) };
    return failure(statusWords(status, code, model), true, log);
  }
  const name = error instanceof Error ? error.name : typeof error;
  if (name === "AbortError" || name === "TimeoutError") {
    return failure(
      `The model (${model.name}) sent nothing for too long. Nothing was lost. Retry.`,
      true,
      { error: name },
    );
  }
  const code = connectionCode(error);
  return failure(
    `The answer of the model (${model.name}) broke off or could not be fetched. What was written is kept. Retry.`,
    true,
    { error: name, ...(code ? { connectionCode: code } : {}) },
  );
}

function statusWords(status: number, code: string | null, model: ModelFailureContext): string {
  const said = code ? `${status}, ${code}` : `${status}`;
  const check = model.keyVariable ? ` An admin checks ${model.keyVariable}.` : "";
  if (code?.includes("context_length")) {
    return "This conversation has grown too long for the model. Start a new one.";
  }
  if (code === "insufficient_quota" || status === 402) {
    return `The account at the model's provider has no credit left (${said}). An admin adds some; then retry.`;
  }
  if (status === 401 || status === 403) {
    return `The model's provider refused Usher's key (${said}).${check}`;
  }
  if (status === 404) {
    return `The provider does not know the model ${model.name} (${said}). An admin corrects its name.`;
  }
  if (status === 413)
    return `This conversation is too large for the model (${said}). Start a new one.`;
  if (status === 429) {
    return `The model's provider has had too many requests (${said}). Nothing was lost. Wait a minute, then retry.`;
  }
  if (status >= 500) {
    return `The model's provider has a temporary problem (${said}). Nothing was lost. Retry in a while.`;
  }
  if (model.tools > commonToolLimit) {
    return `The model's provider refused the request (${said}). This assistant has ${model.tools} tools and many models take ${commonToolLimit} at most: an admin chooses fewer.`;
  }
  return `The model's provider refused the request (${said}). Retry; if it stays, an admin checks the model's name and its tools.`;
}

/** The provider's own code, such as `rate_limit_exceeded`, where it reads like one. */
function providerCode(data: unknown): string | null {
  const inner = (data as { error?: { code?: unknown; type?: unknown } } | null | undefined)?.error;
  const code = inner?.code ?? inner?.type;
  return typeof code === "string" && /^[a-z][a-z_]{2,60}$/.test(code) ? code : null;
}

function connectionCode(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_]{3,40}$/.test(code)) return code;
  }
  return null;
}

function failure(message: string, retryable: boolean, log: Record<string, unknown>): ModelFailure {
  return { message, retryable, log };
}
