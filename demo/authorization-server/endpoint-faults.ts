import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";

/**
 * FAULT INJECTION, for tests only: how an endpoint of the practice provider misbehaves.
 * A fault of the first group takes the place of the endpoint, which never sees the request; one of
 * the second group spoils the answer to a request that the endpoint has dealt with.
 */
export type EndpointFault =
  /** An OAuth error answer (`error`) or a bare status, with `Retry-After` as given. */
  | { kind: "status"; status: number; error?: string; retryAfter?: string | number }
  /** 200 with a web page, as a captive portal or a wrong URL answers. */
  | { kind: "html" }
  /** 200 with text that ends in the middle of its JSON. */
  | { kind: "broken-json" }
  /** 200 with tokens beside JSON that nests so many levels. */
  | { kind: "deep-json"; levels: number }
  /** 200 with `{"ok": false}`, as Slack answers. */
  | { kind: "ok-false"; error?: string }
  /** The request is taken and never answered. */
  | { kind: "hang" }
  /** The connection is reset. */
  | { kind: "reset" }
  /** White space, one byte each `everyMs` (1,000 unless told), for ever. */
  | { kind: "drip"; everyMs?: number }
  /** A 200 JSON answer of so many bytes (64 MiB unless told). */
  | { kind: "huge"; bytes?: number }
  | { kind: "redirect"; status: 301 | 302 | 303 | 307 | 308; location: string }
  /** Dealt with; then the connection is reset, so that the answer is lost. */
  | { kind: "lost-answer" }
  /** Dealt with; the answer comes one byte each `everyMs` (1 unless told). */
  | { kind: "slow-answer"; everyMs?: number }
  /** Dealt with; the answer is form-encoded, as GitHub's is unless asked. */
  | { kind: "form-encoded" }
  /** Dealt with; `expires_in` is this value instead; undefined leaves it out. */
  | { kind: "expires-in"; value: unknown }
  /** Dealt with; the JSON answer is what this makes of it. */
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

/** The faults that wait for the next requests of one endpoint, and its latency. */
export class EndpointFaults {
  latencyMs = 0;
  #left = 0;
  #spared = 0;
  #fault: EndpointFault | null = null;

  /**
   * @param times Infinity: until `clear`.
   * @param spared so many requests before those go well
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

  /** The fault for this request, which is then used up. */
  take(): EndpointFault | null {
    if (this.#left <= 0 || this.#spared-- > 0) return null;
    this.#left -= 1;
    return this.#fault;
  }
}

/** Answers in place of the endpoint. */
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
  // A client that hangs up in the middle has understood.
  await pipeline(Readable.from(longAnswer(bytes)), response).catch(() => {});
}

function* longAnswer(bytes: number): Generator<Buffer> {
  yield Buffer.from('{"access_token":"');
  const chunk = Buffer.alloc(64 * 1024, "a");
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
  yield Buffer.from('"}');
}
