import {
  Client,
  type ClientContext,
  type ClientOptions,
  type Implementation,
  type InputRequiredResult,
  isInputRequiredResult,
  type MessageExtraInfo,
  specTypeSchemas,
} from "@modelcontextprotocol/client";
import type { CallUnderWay } from "./calls-under-way";

/** Told beside a message: the call on whose stream it came. */
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
  // The SDK finds out at each request whether it knows the method's schema by having nothing validated
  // by it; making the error of that is 8 % of what a call costs here. Told the schema, it does not ask.
  const request = client.request.bind(client) as (...given: unknown[]) => Promise<unknown>;
  client.request = (async (message: { method: string }, ...rest: unknown[]) => {
    const result =
      message.method === "tools/call"
        ? await request(message, specTypeSchemas.CallToolResult, ...rest)
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
