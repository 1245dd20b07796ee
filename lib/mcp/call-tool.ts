import { setTimeout as delay } from "node:timers/promises";
import {
  type Client,
  type InputRequiredResult,
  ProtocolError,
  type RequestOptions,
  type Tool,
  UrlElicitationRequiredError,
} from "@modelcontextprotocol/client";
import { isJsonObject } from "@/lib/bounded-json";
import { InvalidInputError, McpServerError } from "@/lib/errors";
import { limitCall } from "@/lib/mcp/call-clock";
import type { Connection } from "@/lib/mcp/client/connect";
import {
  type CallsUnderWay,
  type Elicit,
  type Elicitation,
  InputRequired,
  readElicitation,
} from "@/lib/mcp/elicitation";
import { asItCame } from "@/lib/mcp/reading/as-it-came";
import { mayHaveRun } from "@/lib/mcp/refusal";
import type { CallLimits, McpTarget } from "@/lib/mcp/target";
import { type McpToolResult, toolResult } from "@/lib/mcp/tool-result";

export type McpToolCall = {
  name: string;
  /** Reads the resource at `input.uri` instead: `name` only says so in the audit. */
  readsResource?: boolean | undefined;
  /** The arguments: a JSON object, as the tool's input schema describes it. */
  input: unknown;
  /** As described by its server: some arguments travel in headers as well. */
  inputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Ends the call: the server is told, and the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Asks the person during the call (2025-era). Without it every question is declined. */
  elicit?: Elicit | undefined;
  /** The person's answers to the previous call's InputRequired, by its keys. */
  inputResponses?: Readonly<Record<string, unknown>> | undefined;
  /** From the previous call's InputRequired. */
  requestState?: string | undefined;
};

/** The call is not finished: the person is asked, and the same call is made again. */
type McpInputRequired = {
  /** `URL_REQUIRED`: the call is repeated unchanged, without the answers. */
  flow: "INPUT_REQUIRED" | "URL_REQUIRED";
  /** By the server's own keys; at least one. */
  requests: Record<string, Elicitation>;
  requestState: string | null;
};

const DEFAULT_LIMITS: CallLimits = { silenceMs: 60_000, totalMs: 300_000 };
/** The SDK's limit, which does not account for the time that a person takes: it never fires first. */
const NEVER_FIRST_MS = 24 * 3_600_000;
/** Between two rounds of a call that its server asks for again, without asking for anything else. */
const EMPTY_ROUND_MS = { first: 250, longest: 2_000 };
/** For one result; its content is stored. */
const MAX_QUESTIONS = 10;
const MAX_STATE_CHARACTERS = 64 * 1024;

type ToCall = Pick<Connection, "client" | "calls" | "words">;

/**
 * Calls a tool over an open connection; rejects with the SDK's errors. The result is stripped of
 * credentials before it is truncated: half a token could no longer be found.
 */
export async function callTool(
  connection: ToCall,
  call: McpToolCall,
  { serverName, callLimits = DEFAULT_LIMITS }: Pick<McpTarget, "serverName" | "callLimits">,
): Promise<McpToolResult | McpInputRequired> {
  const { words } = connection;
  let { inputResponses, requestState } = call;
  let pause = EMPTY_ROUND_MS.first;
  const until = performance.now() + callLimits.totalMs;
  // A server may have itself asked again and again while it works.
  for (;;) {
    const answer = await callOnce(
      connection,
      { ...call, inputResponses, requestState },
      callLimits,
    );
    if (answer.kind === "result") return toolResult(words.withoutCredentials(answer.result));
    if (answer.kind === "url-required")
      return urlRequired(words.withoutCredentials(answer.elicitations));
    const { required } = answer;
    const requests = words.withoutCredentials(elicitations(required, serverName));
    if (Object.keys(requests).length > 0) {
      return { flow: "INPUT_REQUIRED", requests, requestState: required.requestState ?? null };
    }
    inputResponses = undefined;
    requestState = required.requestState;
    if (performance.now() + pause > until) {
      throw new McpServerError(
        `${serverName} asks for the same call again and again. ${mayHaveRun}`,
      );
    }
    await delay(pause, undefined, call.signal ? { signal: call.signal } : {});
    pause = Math.min(pause * 1.5, EMPTY_ROUND_MS.longest);
  }
}

type Answer =
  | { kind: "result"; result: unknown }
  | { kind: "input-required"; required: InputRequiredResult }
  | { kind: "url-required"; elicitations: UrlElicitationRequiredError["elicitations"] };

async function callOnce(
  { client, calls, words }: ToCall,
  call: McpToolCall,
  callLimits: CallLimits,
): Promise<Answer> {
  const limits = limitCall(call.signal, callLimits);
  const { elicit } = call;
  const underWay = calls.begin(
    elicit
      ? async (params) => {
          const goOn = limits.pause();
          return elicit(words.withoutCredentials(readElicitation(params)), limits.signal).finally(
            goOn,
          );
        }
      : null,
    limits.heard,
  );
  try {
    const given = argumentsOf(call.input);
    const round = {
      ...(call.inputResponses ? { inputResponses: call.inputResponses } : {}),
      ...(call.requestState === undefined ? {} : { requestState: call.requestState }),
    };
    const options = {
      signal: limits.signal,
      timeout: NEVER_FIRST_MS,
      allowInputRequired: true,
      // Servers report progress only if asked.
      onprogress: limits.heard,
      relatedRequestId: underWay.id,
    };
    const result = call.readsResource
      ? await readResource(client, { uri: given.uri, ...round }, options)
      : await client.callTool(
          { name: call.name, arguments: given, ...round },
          { ...options, ...definitionOf(call) },
        );
    calls.answered(underWay);
    return { kind: "result", result };
  } catch (error) {
    return outcomeOf(error, calls, underWay);
  } finally {
    limits.end();
  }
}

/**
 * A resource's contents in the form of a tool's answer.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#reading-resources
 */
async function readResource(
  client: Client,
  params: Record<string, unknown>,
  options: RequestOptions,
): Promise<unknown> {
  const answer = await client.request({ method: "resources/read", params }, asItCame, options);
  const contents = isJsonObject(answer) ? answer.contents : undefined;
  const parts = Array.isArray(contents) ? contents : isJsonObject(contents) ? [contents] : [];
  return { content: parts.map((part: unknown) => ({ type: "resource", resource: part })) };
}

/** Results that are not failures. @throws the error otherwise */
function outcomeOf(
  error: unknown,
  calls: CallsUnderWay,
  underWay: ReturnType<CallsUnderWay["begin"]>,
): Answer {
  const answered = error instanceof ProtocolError || error instanceof InputRequired;
  if (answered) calls.answered(underWay);
  else calls.givenUp(underWay);
  if (error instanceof InputRequired) return { kind: "input-required", required: error.result };
  if (error instanceof UrlElicitationRequiredError && error.elicitations.length > 0) {
    return { kind: "url-required", elicitations: error.elicitations };
  }
  throw error;
}

function urlRequired(elicitations: UrlElicitationRequiredError["elicitations"]): McpInputRequired {
  const requests = elicitations.map((params, at): [string, Elicitation] => [
    `${at}`,
    readElicitation({ ...params, mode: "url" }),
  ]);
  return { flow: "URL_REQUIRED", requests: Object.fromEntries(requests), requestState: null };
}

/** Sampling and roots were not announced; servers that use them anyway get no answer. */
function elicitations(
  { inputRequests = {}, requestState = "" }: InputRequiredResult,
  serverName: string,
): Record<string, Elicitation> {
  const count = Object.keys(inputRequests).length;
  if (count > MAX_QUESTIONS || requestState.length > MAX_STATE_CHARACTERS) {
    throw new McpServerError(`${serverName} asks for more at once than Usher takes.`);
  }
  const entries = Object.entries(inputRequests).map(([key, request]): [string, Elicitation] => {
    if (request.method === "elicitation/create") return [key, readElicitation(request.params)];
    throw new McpServerError(
      `${serverName} asks for something in the middle of a call that Usher does not give (${request.method}).`,
    );
  });
  return Object.fromEntries(entries);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports — `x-mcp-header` */
function definitionOf({ name, inputSchema }: McpToolCall): { toolDefinition?: Tool } {
  if (inputSchema === undefined) return {};
  return { toolDefinition: { name, inputSchema: { ...inputSchema, type: "object" } } };
}

function argumentsOf(input: unknown): Record<string, unknown> {
  if (input === null || input === undefined) return {};
  if (typeof input !== "object" || Array.isArray(input)) {
    throw new InvalidInputError({ input: "The arguments of a tool are a JSON object." });
  }
  return input as Record<string, unknown>;
}
