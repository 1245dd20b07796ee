import { randomUUID } from "node:crypto";
import {
  Client,
  type ClientContext,
  type ClientOptions,
  type Implementation,
  type InputRequiredResult,
  isInputRequiredResult,
  type JSONRPCRequest,
  type MessageExtraInfo,
  type Result,
} from "@modelcontextprotocol/client";
import { boundedJsonOrNull, fieldsOf } from "@/lib/bounded-json";
import type { Handshake } from "@/lib/mcp/client/handshake";
import { asItCame } from "@/lib/mcp/reading/as-it-came";

/**
 * What a server asks the person for during a call, unvalidated.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export type Elicitation =
  | { mode: "form"; message: string; requestedSchema: unknown }
  | { mode: "url"; message: string; url: unknown };

export type ElicitationResponse =
  | { action: "accept"; content?: Record<string, string | number | boolean | string[] | number[]> }
  | { action: "decline" | "cancel" };

/** Asks the person who made the call; `signal` is aborted if the call ends before the answer. */
export type Elicit = (asked: Elicitation, signal: AbortSignal) => Promise<ElicitationResponse>;

/** For an `elicitation/create` request; before 2025-11-25 there was only the form. */
export function readElicitation(params: unknown): Elicitation {
  const { mode, message, requestedSchema, schema, url } = fieldsOf(params);
  const words = typeof message === "string" ? message : "";
  // `schema` is what an older example of the specification's called it.
  const given = requestedSchema ?? schema;
  const form = typeof given === "string" ? boundedJsonOrNull(given) : given;
  const isUrl = typeof mode === "string" ? /^url$/i.test(mode) : form === undefined && url;
  return isUrl
    ? { mode: "url", message: words, url }
    : { mode: "form", message: words, requestedSchema: form };
}

/** A call sent over a connection, as seen by a request that the server makes because of it. */
type CallUnderWay = {
  readonly id: string;
  /** Null: no one can be asked, or the caller has left. */
  elicit: ((params: unknown) => Promise<ElicitationResponse>) | null;
  /** The server gave a sign of life on the call's stream. */
  heard(): void;
};

/**
 * The calls of one connection, which several people may share. A server's question during
 * a call must reach only the person who made it.
 */
export class CallsUnderWay {
  readonly #calls = new Map<string, CallUnderWay>();

  begin(elicit: CallUnderWay["elicit"], heard: () => void): CallUnderWay {
    const call = { id: randomUUID(), elicit, heard };
    this.#calls.set(call.id, call);
    return call;
  }

  answered({ id }: CallUnderWay): void {
    this.#calls.delete(id);
  }

  /** No one waits for it any more, but the server may still work on it, and ask. */
  givenUp(call: CallUnderWay): void {
    call.elicit = null;
  }

  of(id: unknown): CallUnderWay | null {
    return typeof id === "string" ? (this.#calls.get(id) ?? null) : null;
  }

  /**
   * If one stream carries everything that a server sends (stdio, SSE), its requests do not say which call
   * they belong to: that is known only while at most one is unanswered.
   */
  only(): CallUnderWay | null {
    const [call, ...others] = this.#calls.values();
    return call && others.length === 0 ? call : null;
  }
}

/** The call whose stream carried the message. */
export type RelatedInfo = MessageExtraInfo & { relatedCall?: string };

/**
 * A tools/call that waits for input leaves the SDK as an error of this kind. As a result it
 * would be validated against the tool's output schema, which it need not match.
 */
export class InputRequired extends Error {
  readonly result: InputRequiredResult;

  constructor(result: InputRequiredResult) {
    super("Input required");
    this.result = result;
  }
}

/**
 * The SDK's client, which announces that a person can be asked. A 2025-era server's question goes to the
 * call that it is about; a question that cannot be tied to one call is declined, since several people may share
 * the connection. Sampling and roots are not announced, and refused by the SDK.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
 */
export function createElicitingClient(
  info: Implementation,
  options: ClientOptions,
  { announcesElicitation }: Pick<Handshake, "announcesElicitation">,
  callOf: (relatedCall: string | undefined) => CallUnderWay | null,
): Client {
  const client = new RelatedClient(info, {
    ...options,
    capabilities: announcesElicitation ? { elicitation: { form: {}, url: {} } } : {},
    inputRequired: { autoFulfill: false },
  });
  if (announcesElicitation) {
    // The form is read field by field; the SDK's schema would refuse all of it for one that it does not know.
    client.setRequestHandler(
      "elicitation/create",
      { params: asItCame },
      async (params, context) => {
        const call = callOf((context as RelatedContext).relatedCall);
        return (await call?.elicit?.(params)) ?? { action: "decline" };
      },
    );
  }
  // A tool's answer is read part by part (`tool-result.ts`), and not by a schema of the whole.
  const request = client.request.bind(client) as (...given: unknown[]) => Promise<unknown>;
  client.request = (async (message: { method: string }, ...rest: unknown[]) => {
    const result =
      message.method === "tools/call"
        ? await request(message, asItCame, ...rest)
        : await request(message, ...rest);
    if (isInputRequiredResult(result)) throw new InputRequired(result);
    return result;
  }) as Client["request"];
  return client;
}

type Handler = (request: JSONRPCRequest, context: ClientContext) => Promise<Result>;
type RelatedContext = ClientContext & { relatedCall?: string | undefined };

class RelatedClient extends Client {
  /** Without the SDK's validation of questions and answers: `Elicit` has its own. */
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    return method === "elicitation/create" ? handler : super._wrapHandler(method, handler);
  }

  protected override buildContext(context: ClientContext, info?: RelatedInfo): RelatedContext {
    return { ...super.buildContext(context, info), relatedCall: info?.relatedCall };
  }
}
