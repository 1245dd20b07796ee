import { randomUUID } from "node:crypto";
import {
  Client,
  type ClientContext,
  type ClientOptions,
  type Implementation,
  type InputRequiredResult,
  isInputRequiredResult,
  type MessageExtraInfo,
} from "@modelcontextprotocol/client";
import { asItCame } from "@/lib/mcp/reading/as-it-came";

/**
 * What a server asks the person for in the middle of a call, as it came: nothing of it is checked.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export type Elicitation =
  | { mode: "form"; message: string; requestedSchema: unknown }
  | { mode: "url"; message: string; url: unknown };

export type ElicitationResponse =
  | { action: "accept"; content?: Record<string, string | number | boolean | string[]> }
  | { action: "decline" | "cancel" };

/** Asks the person who made the call; `signal` is aborted when the call is over before the answer. */
export type Elicit = (asked: Elicitation, signal: AbortSignal) => Promise<ElicitationResponse>;

/** Of an `elicitation/create` request; before 2025-11-25 there was the form alone. */
export function readElicitation(params: unknown): Elicitation {
  const { mode, message, requestedSchema, url } = (params ?? {}) as Record<string, unknown>;
  const words = typeof message === "string" ? message : "";
  return mode === "url"
    ? { mode, message: words, url }
    : { mode: "form", message: words, requestedSchema };
}

/** A call that was sent over a connection, seen from a request that the server makes because of it. */
type CallUnderWay = {
  readonly id: string;
  /** Null: nobody can be asked, or the caller has left. */
  elicit: ((params: unknown) => Promise<ElicitationResponse>) | null;
  /** The server gave a sign of life on the call's stream. */
  heard(): void;
};

/**
 * The calls of one connection, which several people may share. What a server asks for in the middle
 * of a call must reach the one who made it and nobody else.
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

  /** Nobody waits for it any more, but the server may still work on it, and ask. */
  givenUp(call: CallUnderWay): void {
    call.elicit = null;
  }

  of(id: unknown): CallUnderWay | null {
    return typeof id === "string" ? (this.#calls.get(id) ?? null) : null;
  }

  /**
   * Where one stream brings all that a server says (stdio, SSE), its requests do not tell which call
   * they belong to: that is known only while there is no more than one that it has not answered.
   */
  only(): CallUnderWay | null {
    const [call, ...others] = this.#calls.values();
    return call && others.length === 0 ? call : null;
  }
}

/** The call whose stream brought the message. */
export type RelatedInfo = MessageExtraInfo & { relatedCall?: string };

/**
 * A tools/call that waits for input comes out of the SDK as an error of this kind. As a result it
 * would be held against the tool's output schema, which it does not have to fit.
 */
export class InputRequired extends Error {
  readonly result: InputRequiredResult;

  constructor(result: InputRequiredResult) {
    super("Input required");
    this.result = result;
  }
}

/**
 * The SDK's client, which says that a person can be asked. What a 2025-era server asks goes to the
 * call that it is about; what cannot be tied to one call is declined, since several people may share
 * the connection. Sampling and roots are not announced, and refused by the SDK.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
 */
export function createElicitingClient(
  info: Implementation,
  options: ClientOptions,
  callOf: (relatedCall: string | undefined) => CallUnderWay | null,
): Client {
  const client = new RelatedClient(info, {
    ...options,
    capabilities: { elicitation: { form: {}, url: {} } },
    inputRequired: { autoFulfill: false },
  });
  client.setRequestHandler("elicitation/create", async ({ params }, context) => {
    const call = callOf((context as RelatedContext).relatedCall);
    return (await call?.elicit?.(params)) ?? { action: "decline" };
  });
  // What a tool answered is read part by part (`tool-result.ts`), and by no schema of the whole.
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

type RelatedContext = ClientContext & { relatedCall?: string | undefined };

class RelatedClient extends Client {
  protected override buildContext(context: ClientContext, info?: RelatedInfo): RelatedContext {
    return { ...super.buildContext(context, info), relatedCall: info?.relatedCall };
  }
}
