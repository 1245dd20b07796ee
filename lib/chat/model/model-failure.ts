import { APICallError, RetryError } from "ai";
import type { TurnErrorPart } from "@/lib/contracts/chat/chat";
import {
  InvalidInputError,
  OutboundRefusedError,
  SealedBoxError,
  UnreachableError,
  type UsherError,
} from "@/lib/errors";
import { LONGEST_WAIT_MS } from "@/lib/retry-after";
import { type FailureKind, failureKind, isRefusedAgain, mayBeTooManyTools } from "./failure-kind";
import { connectionCode, type Said, whatWasSaid } from "./provider-words";

/** What failed, for people and for the log. The provider's own text may quote a key: only what cannot be one is shown. */
export type ModelFailure = TurnErrorPart & {
  log: Record<string, unknown>;
  /** A shorter history may be accepted. */
  tooLong?: boolean;
  /** Another attempt may succeed. */
  unreadableCall?: boolean;
};

export type ModelFailureContext = {
  name: string;
  keyName: string | null;
  tools: number;
  /** They take more of the request than the conversation. */
  mostlyTools?: boolean;
  /** Part of the answer arrived. */
  wrote?: boolean;
  /** The history was shortened after an earlier refusal. */
  shortened?: boolean;
};

export function explainModelFailure(thrown: unknown, model: ModelFailureContext): ModelFailure {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  if (error instanceof InvalidInputError) {
    return { message: error.userMessage, retryable: true, log: { error: error.name } };
  }
  const unasked = whyNotAsked(error);
  if (unasked) {
    const { name, userMessage } = unasked;
    return { message: `${userMessage} Then retry.`, retryable: true, log: { error: name } };
  }
  const said = whatWasSaid(error);
  const name = error instanceof Error ? error.name : typeof error;
  const found = said && failureKind(said);
  // Without a status and a sentence, it is an answer that broke off.
  if (said && found && !(found === "refused" && said.status === null && said.sentence === null)) {
    const kind = mayBeTooManyTools(found, model.tools) ? "too_many_tools" : found;
    const { status, code, sentence } = said;
    const log = {
      error: name,
      kind,
      ...(status === null ? {} : { status }),
      ...(code === null ? {} : { providerCode: code }),
      ...(sentence === null ? {} : { said: sentence }),
    };
    const message = failureWords(kind, said, model);
    const may = {
      ...(kind === "too_long" ? { tooLong: true } : {}),
      ...(kind === "call_unreadable" ? { unreadableCall: true } : {}),
    };
    return { message, retryable: true, log, ...may };
  }
  if (name === "AbortError" || name === "TimeoutError") {
    const message = `The model (${model.name}) sent nothing for too long. Nothing was lost. Retry.`;
    return { message, retryable: true, log: { error: name } };
  }
  const code = connectionCode(error);
  return {
    message: `The answer of the model (${model.name}) broke off or could not be fetched.${ofWritten(model)} Retry.`,
    retryable: true,
    log: { error: name, ...(code ? { connectionCode: code } : {}) },
  };
}

/**
 * A failed request as the AI SDK should see it, which judges by the status whether to send it again.
 *
 * @throws what failed
 */
export function throwForRetry(error: unknown): never {
  const said = APICallError.isInstance(error) && error.isRetryable ? whatWasSaid(error) : null;
  if (!APICallError.isInstance(error) || !said || !isRefusedAgain(failureKind(said))) throw error;
  const { message, url, requestBodyValues, statusCode, responseHeaders, responseBody } = error;
  const { cause, data } = error;
  const same = { message, url, requestBodyValues, statusCode, responseHeaders, responseBody };
  throw new APICallError({ ...same, cause, data, isRetryable: false });
}

function failureWords(kind: FailureKind, said: Said, model: ModelFailureContext): string {
  const reason = [said.status, said.code].filter((each) => each !== null).join(", ");
  const because = reason === "" ? "" : ` (${reason})`;
  const check = model.keyName ? ` Ask an admin to check ${model.keyName}.` : "";
  switch (kind) {
    case "too_long":
      return `This conversation is too long for the model${because}${model.shortened ? ", even shortened" : ""}. Start a new one, or ask for less at once.${ofTools(model)}`;
    case "too_many_tools":
      return `The model's provider refused the request${because}. This assistant has ${model.tools} tools, and that is more than the model takes: ask an admin to choose fewer.`;
    case "no_credit":
      return `The account at the model's provider has no credit left${because}. Ask an admin to add some; then retry.`;
    case "limit_reached":
      return `The account at the model's provider has reached its usage or spending limit${because}. Wait ${waitOf(said, "until it resets")}, or ask an admin to raise it; then retry.`;
    case "key_refused":
      return `The model's provider refused Usher's key${because}.${check}`;
    case "no_access":
      return `The account at the model's provider may not use the model ${model.name}${because}. Ask an admin to get access to it there, or choose another model.`;
    case "network_refused":
      return `The model's provider does not accept requests from Usher's network${because}. Ask an admin to allow them there.`;
    case "wrong_region":
      return `The model's provider does not serve the region where Usher runs${because}. Ask an admin to choose another provider.`;
    case "wrong_address":
      return `Something other than a model API answered at the provider's base URL${because}. Ask an admin to check it; many end in /v1.`;
    case "template_refused":
      return `The chat template of the model cannot hold this conversation${because}. Ask an admin to correct the template where the model runs, or choose another model.`;
    case "no_such_model":
      return `The provider does not know the model ${model.name}${because}. Ask an admin to correct its name.`;
    case "wrong_api":
      return `The provider offers the model ${model.name} through another of its APIs${because}. Ask an admin to choose another kind of provider for it, or another model.`;
    case "not_loaded":
      return `The model ${model.name} could not be loaded where it runs${because}, for example for lack of memory. Ask an admin to check the server, or choose another model.`;
    case "too_many_requests":
      return `The model's provider has had too many requests${because}. Nothing was lost. Wait ${waitOf(said, "a minute")}, then retry.`;
    case "overloaded":
      return `The model's provider has a temporary problem${because}. Nothing was lost. Retry in a while.`;
    case "image_refused":
      return `The model does not take images${because}. Ask an admin to choose a model that does.`;
    case "takes_no_tools":
      return `The model does not take tools${because}. Ask an admin to choose a model that does, or turn tool calls on where this one runs.`;
    case "tool_refused":
      return `The model's provider refused the description of a tool${because}, and did not say which. Ask an admin to choose fewer tools, or another model.`;
    case "call_unreadable":
      return `The model wrote a tool call that its provider could not read${because}, so nothing ran. Retry. If that does not help, ask an admin to choose another model.`;
    case "filtered":
      return `The model's provider refused this message by its own rules${because}. Rephrase it.`;
    case "refused": {
      const quoted = said.sentence === null ? "." : `. It said: “${said.sentence}”`;
      const what =
        said.status === null
          ? `The model's provider sent an error in place of an answer${because}${quoted}${ofWritten(model)}`
          : `The model's provider refused the request${because}${quoted}`;
      return `${what} Retry. If that does not help, ask an admin to check the model and its tools.`;
    }
  }
}

function ofWritten({ wrote }: ModelFailureContext): string {
  return wrote ? " What was written is kept." : "";
}

function ofTools({ tools, mostlyTools }: ModelFailureContext): string {
  if (!mostlyTools) return "";
  return ` Most of the request describes this assistant's ${tools} tools: ask an admin to choose fewer, or a model that takes more.`;
}

function waitOf({ retryAfterMs, resetsAt }: Said, usual: string): string {
  if (retryAfterMs !== null && retryAfterMs < LONGEST_WAIT_MS) return seconds(retryAfterMs);
  if (resetsAt !== null) return `until ${resetsAt}`;
  return retryAfterMs === null ? usual : "a day or longer";
}

function seconds(ms: number): string {
  const count = Math.max(1, Math.ceil(ms / 1000));
  if (count === 1) return "a second";
  if (count < 90) return `${count} seconds`;
  const minutes = Math.ceil(count / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

/** The model was not called at all. */
function whyNotAsked(error: unknown): UsherError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof OutboundRefusedError || cause instanceof SealedBoxError) return cause;
    const never: readonly string[] = ["proxy", "dns", "tls", "connect"];
    if (cause instanceof UnreachableError && never.includes(cause.reason)) return cause;
  }
  return null;
}
