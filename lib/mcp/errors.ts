import { McpServerError } from "@/lib/errors";

// Not beside what reads the SDK's errors: whoever tells these apart need not load the SDK, as a start would.

/** The MCP server rejected one request with a JSON-RPC error, as it should: it works. */
export class McpRefusalError extends McpServerError {
  static override readonly kind = "McpRefusalError";
}

/** Something was received in answer to a request, and it is not a message that Usher can read. */
export class UnreadableAnswerError extends Error {
  /** Follows "It answered with", in Usher's own words. */
  readonly what: string;
  /** Of the request that it answers. */
  readonly method: string;
  /** The server's own words in it, if it has any. */
  readonly said: string;

  constructor(what: string, method: string, said = "") {
    super(what);
    this.name = "UnreadableAnswerError";
    this.what = what;
    this.method = method;
    this.said = said;
  }
}
