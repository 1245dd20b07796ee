import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";

/**
 * FAULT INJECTION, for tests only: how an endpoint of the practice provider misbehaves.
 * A fault of the first group replaces the endpoint, which never sees the request; one of
 * the second group alters the response to a request that the endpoint has processed.
 */
export type EndpointFault =
  /** An OAuth error (`error`) or a bare status, with `Retry-After` as given. */
  | { kind: "status"; status: number; error?: string; retryAfter?: string | number }
  /** 200 with a web page, like a captive portal or a wrong URL. */
  | { kind: "html" }
  /** 200 with text that ends in the middle of its JSON. */
  | { kind: "broken-json" }
  /** 200 with tokens beside JSON that is nested this many levels deep. */
  | { kind: "deep-json"; levels: number }
  /** 200 with `{"ok": false}`, like Slack. */
  | { kind: "ok-false"; error?: string }
  /** The request is accepted and never answered. */
  | { kind: "hang" }
  /** The connection is reset. */
  | { kind: "reset" }
  /** White space, one byte every `everyMs` (1,000 unless given), forever. */
  | { kind: "drip"; everyMs?: number }
  /** A 200 JSON response of this many bytes (64 MiB unless given). */
  | { kind: "huge"; bytes?: number }
  | { kind: "redirect"; status: 301 | 302 | 303 | 307 | 308; location: string }
  /** Processed; then the connection is reset, so that the response is lost. */
  | { kind: "lost-answer" }
  /** Processed; the response arrives one byte every `everyMs` (1 unless given). */
  | { kind: "slow-answer"; everyMs?: number }
  /** Processed; the response is form-encoded, like GitHub's by default. */
  | { kind: "form-encoded" }
  /** Processed; `expires_in` is this value instead; undefined omits it. */
  | { kind: "expires-in"; value: unknown }
  /** Processed; the JSON response is what this returns for it. */
  | { kind: "changed"; change: (answer: Record<string, unknown>) => unknown };

export type ReplacingFault = Extract<
  EndpointFault,
  {
    kind:
      | "status"
      | "html"
      | "broken-json"
      | "deep-json"
      | "ok-false"
      | "hang"
      | "reset"
      | "drip"
      | "huge"
      | "redirect";
  }
>;
export type SpoilingFault = Exclude<EndpointFault, ReplacingFault>;

const SPOILING_KINDS: ReadonlySet<EndpointFault["kind"]> = new Set<SpoilingFault["kind"]>([
  "lost-answer",
  "slow-answer",
  "form-encoded",
  "expires-in",
  "changed",
]);

export function isSpoiling(fault: EndpointFault): fault is SpoilingFault {
  return SPOILING_KINDS.has(fault.kind);
}

/** The pending faults for one endpoint's next requests, and its latency. */
export class EndpointFaults {
  latencyMs = 0;
  #left = 0;
  #spared = 0;
  #fault: EndpointFault | null = null;

  /**
   * @param times Infinity: until `clear`.
   * @param spared this many requests succeed first
   */
  failNext(times: number, fault: EndpointFault, spared = 0): void {
    this.#left = times;
    this.#fault = fault;
    this.#spared = spared;
  }

  clear(): void {
    this.#left = 0;
    this.#fault = null;
  }

  /** The fault for this request, which is thereby used up. */
  take(): EndpointFault | null {
    if (this.#left <= 0 || this.#spared-- > 0) return null;
    this.#left -= 1;
    return this.#fault;
  }
}

/** Responds instead of the endpoint. */
export async function answerWithFault(
  fault: ReplacingFault,
  response: ServerResponse,
): Promise<void> {
  switch (fault.kind) {
    case "status":
      if (fault.retryAfter !== undefined) response.setHeader("Retry-After", fault.retryAfter);
      return fault.error === undefined
        ? send(response, fault.status, "text/plain", "Practice fault.")
        : sendJson(response, fault.status, {
            error: fault.error,
            error_description: "Practice fault.",
          });
    case "html":
      return send(
        response,
        200,
        "text/html",
        "<!doctype html><title>Welcome</title><h1>Hello</h1>",
      );
    case "broken-json":
      return send(response, 200, "application/json", '{"access_token": "abc", "token_ty');
    case "deep-json": {
      const deep = "[".repeat(fault.levels) + "]".repeat(fault.levels);
      const body = `{"access_token":"abc","token_type":"Bearer","deep":${deep}}`;
      return send(response, 200, "application/json", body);
    }
    case "ok-false":
      return sendJson(response, 200, { ok: false, error: fault.error ?? "invalid_refresh_token" });
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "drip":
      return drip(response, fault.everyMs ?? 1_000);
    case "huge":
      return flood(response, fault.bytes ?? 64 * 1024 * 1024);
    case "redirect":
      response.setHeader("Location", fault.location);
      return send(response, fault.status, "text/plain", "");
  }
}

/** Sends `body` one byte at a time. */
export async function sendSlowly(
  response: ServerResponse,
  body: Buffer,
  everyMs: number,
): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await delay(everyMs);
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, "application/json", JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
}

async function drip(response: ServerResponse, everyMs: number): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/json" });
  while (!response.destroyed) {
    response.write(" ");
    await delay(everyMs, undefined, { ref: false });
  }
}

async function flood(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/json" });
  // A client that disconnects midway has had enough.
  await pipeline(Readable.from(longAnswer(bytes)), response).catch(() => {});
}

function* longAnswer(bytes: number): Generator<Buffer> {
  yield Buffer.from('{"access_token":"');
  const chunk = Buffer.alloc(64 * 1024, "a");
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
  yield Buffer.from('"}');
}
