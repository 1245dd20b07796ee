import {
  type FetchLike,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SSEClientTransport,
} from "@modelcontextprotocol/client";

/**
 * HTTP with SSE, as MCP had it before Streamable HTTP. One stream brings all answers; an answer that
 * is no stream, or a refused message, is thrown as the same errors as Streamable HTTP has.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseTransport extends SSEClientTransport {
  readonly #failure: { error: unknown };

  constructor(url: URL, options: { fetch: FetchLike; headers: Readonly<Record<string, string>> }) {
    const failure: { error: unknown } = { error: undefined };
    super(url, {
      requestInit: { headers: { ...options.headers }, redirect: "manual" },
      fetch: async (to, init) => {
        try {
          return await usable(await options.fetch(to, init), init?.method ?? "GET");
        } catch (error) {
          failure.error = error;
          throw error;
        }
      },
    });
    this.#failure = failure;
  }

  override async start(): Promise<void> {
    try {
      await super.start();
    } catch (error) {
      // The event-stream reader keeps of an error its text only.
      throw this.#failure.error ?? error;
    }
  }
}

async function usable(response: Response, method: string): Promise<Response> {
  const contentType = response.headers.get("content-type");
  if (!response.ok) {
    const text = await response.text();
    throw new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `HTTP ${response.status}`, {
      status: response.status,
      statusText: response.statusText,
      text,
    });
  }
  if (method === "GET" && !contentType?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    throw new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "Not an event stream", {
      contentType,
    });
  }
  return response;
}
