import {
  otherPersonCode,
  type Problem,
  personHeader,
  personParameter,
} from "@/lib/contracts/problem";

/** A failed request, in words that may be shown. */
export class ProblemError extends Error {
  /** The HTTP status; 0: no response came. */
  readonly status: number;
  /** The `code` of the Problem, or `unreachable` or `unexpected` if the response had none. */
  readonly code: string;
  /** Dotted field path → what is wrong and how to fix it. */
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | null;

  constructor(status: number, error: Problem["error"], options?: { cause?: unknown }) {
    // For a failure on our side, the operator of this Usher finds the lines in the log.
    const reference = status >= 500 && error.requestId ? ` Reference: ${error.requestId}` : "";
    super(error.message + reference, options);
    this.name = "ProblemError";
    this.status = status;
    this.code = error.code;
    this.fields = error.fields ?? {};
    this.retryAfterMs = error.retryAfterMs ?? null;
  }
}

export type JsonRequest = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
};

/**
 * The only way from the browser to this installation's API. The response is trusted to match its
 * contract, since it comes from the same build: no parser is shipped to every page for it.
 * @throws ProblemError
 */
export async function fetchJson<Result>(path: string, request?: JsonRequest): Promise<Result> {
  const response = await fetchResponse(path, request);
  if (response.status === 204) return undefined as Result;
  try {
    return (await response.json()) as Result;
  } catch (cause) {
    throw noAnswer(request, cause);
  }
}

/**
 * The response itself, for callers that stream; its status is a success.
 * @throws ProblemError
 */
export async function fetchResponse(path: string, request: JsonRequest = {}): Promise<Response> {
  const { method = "GET", body, signal } = request;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      cache: "no-store",
      // The API never redirects. A proxy may, to its sign-in page, which would look like a success if it were followed.
      redirect: "manual",
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...personHeaders(),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    throw noAnswer(request, cause);
  }
  // In a browser a redirect has the status 0.
  if (response.status < 400 && (!response.ok || isPage(response))) throw elsewhere();
  if (!response.ok) throw reported(await problemOf(response));
  return response;
}

/** This page's person is no longer signed in: its content has to go. */
function reported(problem: ProblemError): ProblemError {
  if (problem.status === 401) reportSessionEnd({ kind: "signed-out" });
  if (problem.code === otherPersonCode) {
    reportSessionEnd({ kind: "other-person", message: problem.message });
  }
  return problem;
}

/** An aborted request stays an AbortError, which callers expect. */
function noAnswer(request: JsonRequest | undefined, cause: unknown): unknown {
  if (request?.signal?.aborted) return cause;
  return new ProblemError(
    0,
    {
      code: "unreachable",
      message: "Usher did not answer. Check your connection and try again.",
    },
    { cause },
  );
}

/** The API answers with none; a proxy does, for example to check the browser. */
function isPage({ headers }: Response): boolean {
  return /html/i.test(headers.get("content-type") ?? "");
}

function elsewhere(): ProblemError {
  return new ProblemError(0, {
    code: "elsewhere",
    message:
      "Something in front of Usher answered instead, such as a sign-in. Reload the page, then try again.",
  });
}

async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  if (isProblem(body)) return new ProblemError(response.status, body.error);
  return new ProblemError(response.status, {
    code: "unexpected",
    message: wordsFor(response.status),
  });
}

/** For an answer that is not the API's. */
function wordsFor(status: number): string {
  if (status === 413) {
    return "A proxy in front of Usher limits the size of requests. Shorten this, or tell an admin.";
  }
  if (status > 501) {
    return `The proxy in front of Usher got no answer (${status}). Check whether a change was saved before you try again.`;
  }
  const who = /403|429|431/.test(`${status}`)
    ? "Something in front of Usher refused this"
    : "Usher answered with an error";
  return `${who} (${status}). Reload the page and try again. If that does not help, tell an admin.`;
}

/** A proxy may respond with its own page. */
function isProblem(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string" &&
    "message" in error &&
    typeof error.message === "string"
  );
}

/**
 * The values of a newline-delimited JSON stream, each as soon as its line is complete. Leaving the
 * loop early cancels the stream.
 * @throws SyntaxError if a line is not JSON, such as the first half of a truncated one
 */
export async function* readJsonLines<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) {
        if (line.trim() !== "") yield JSON.parse(line) as Line;
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Why a page no longer represents its person. */
export type SessionEnd = { kind: "signed-out" } | { kind: "other-person"; message: string };

type Listener = (end: SessionEnd) => void;

/** In the browser, where a document belongs to one person at a time; a server sets none. */
const page: { person: string | null; listeners: Set<Listener> } = {
  person: null,
  listeners: new Set(),
};

/** Sets whose page this is; its requests and links then say so. */
export function setPagePerson(id: string | null): void {
  page.person = id;
}

export function personHeaders(): Record<string, string> {
  return page.person === null ? {} : { [personHeader]: page.person };
}

/** One of our own paths that the browser itself opens, with the page's person. */
export function withPerson(path: string): string {
  if (page.person === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${personParameter}=${encodeURIComponent(page.person)}`;
}

export function onSessionEnd(listener: Listener): () => void {
  page.listeners.add(listener);
  return () => page.listeners.delete(listener);
}

export function reportSessionEnd(end: SessionEnd): void {
  for (const listener of page.listeners) listener(end);
}
