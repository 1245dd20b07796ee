import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnsupportedProtocolVersionError,
} from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { McpServerError, UnreachableError } from "@/lib/errors";
import { unprocessed } from "@/lib/mcp/client/unprocessed";

const said = (code: number, message: string) => new ProtocolError(code, message);
const http = (status: number, text = "") =>
  new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, "refused", {
    status,
    statusText: "",
    text,
  });
const neither = { hasSession: false, assumed: false, modern: false, proven: true };
const session = { ...neither, hasSession: true };
const assumed = { ...neither, assumed: true, modern: true, proven: false };
/** The newer era's first question was answered just now. */
const modern = { ...neither, modern: true, proven: false };
const kept = { ...modern, proven: true };
const refusesVersion = (...supported: string[]) =>
  new UnsupportedProtocolVersionError({ supported, requested: "2026-07-28" });

describe("a failed request", () => {
  test.each([
    ["404 with a session", http(404), session, "session_lost"],
    [
      "400 that names the session",
      http(400, "No valid session ID provided"),
      session,
      "session_lost",
    ],
    ["410 with a session", http(410), session, "session_lost"],
    ["409 that names the session", http(409, "Session conflict"), session, "session_lost"],
    ["400 without a reason, with a session", http(400), session, "session_lost"],
    // modelcontextprotocol/python-sdk#1676, anthropics/claude-code#55970
    ["400 for a missing handshake", http(400, "Server not initialized"), session, "session_lost"],
    ["the same without a session", http(400, "Server not initialized"), neither, "session_lost"],
    // modelcontextprotocol/typescript-sdk#307
    [
      "400 that names it as a variable",
      http(400, "No transport found for sessionId"),
      session,
      "session_lost",
    ],
    ["400 that names a parameter", http(400, "session_id is stale"), session, "session_lost"],
    // 1mcp-app/agent#550
    [
      "an error that names the header",
      said(-32000, "Not Found: Unknown Mcp-Session-Id header"),
      session,
      "session_lost",
    ],
    // robert7/remnote-mcp-server#1
    ["an invalid request", said(-32600, "Invalid session ID: 83c6a5aa"), session, "session_lost"],
    // markmhendrickson/neotoma#1923, #2100
    [
      "503 that says it is gone",
      http(503, "MCP session is unknown or expired on this instance"),
      session,
      "session_lost",
    ],
    ["503 about something else", http(503, "The session store is down"), session, null],
    // punkpeye/fastmcp#121
    [
      "500 that wraps a refusal",
      http(500, "Error POSTing to endpoint (HTTP 400): No valid session ID provided"),
      session,
      "session_lost",
    ],
    ["500 about a session", http(500, "The session expired"), session, null],
    ["503 without a session", http(503, "session expired"), neither, null],
    ["400 about a possession", http(400, "possession unknown"), session, null],
    ["an error in a 200", said(-32001, "Session not found"), session, "session_lost"],
    ["an error of the method", said(-32602, "Session not found"), session, null],
    ["an error that says so without a session", said(-32001, "Session expired"), neither, null],
    ["an error about something else", said(-32000, "No such file"), session, null],
    ["400 about something else", http(400, "bad arguments"), session, null],
    ["404 without a session", http(404), neither, null],
    ["500 with a session", http(500), session, null],
    ["502 with a session", http(502), session, null],
    ["400 to a guess at the protocol", http(400), assumed, "outdated_era"],
    ["405 to a guess at the protocol", http(405), assumed, "outdated_era"],
    ["500 to a guess at the protocol", http(500), assumed, null],
    ["an older protocol version", refusesVersion("2025-11-25"), assumed, "older_era"],
    ["a newer one", refusesVersion("2031-01-01", "2025-11-25"), assumed, "outdated_era"],
    ["an older one after it had worked", refusesVersion("2025-11-25"), kept, "older_era"],
    ["a newer one in a session", refusesVersion("2026-07-28"), session, "outdated_era"],
    // modelcontextprotocol/typescript-sdk's servers before 2026
    [
      "a version in its words",
      http(400, "Bad Request: Unsupported protocol version: 2026-07-28 (supported: 2025-11-25)"),
      kept,
      "older_era",
    ],
    ["a version, by a tool", said(-32602, "Unsupported protocol version: 2025-11-25"), kept, null],
    ["a version of TLS", said(-32000, "Unsupported protocol version: 1.1"), kept, null],
    ["the header of a table", said(-32000, "CSV header mismatch: name is missing"), modern, null],
    ["a tool's own session", said(-32000, "Browser session not found"), modern, null],
    // agentgateway/agentgateway#2982
    ["a session that is missing", http(400, "Missing session ID"), modern, "older_era"],
    ["the same as an error", said(-32600, "Missing session ID"), modern, "older_era"],
    ["the same after it had worked", said(-32000, "Missing session ID"), kept, null],
    // n8n-io/n8n-docs#5222, laravel/mcp#286
    ["a header that a proxy drops", said(-32020, "Header mismatch"), kept, "older_era"],
    ["the same in a draft's code", said(-32001, "missing Mcp-Name header"), kept, "older_era"],
    ["the same in an older session", said(-32020, "Header mismatch"), session, null],
    ["a broken connection", new UnreachableError("reset", "gone"), session, null],
    ["a time limit", new SdkError(SdkErrorCode.RequestTimeout, "late"), session, null],
    ["an explained 404", new McpServerError("gone", { cause: http(404) }), session, "session_lost"],
    ["something unknown", "text", session, null],
  ])("by %s: %#", (_name, error, connection, reason) => {
    expect(unprocessed(error, connection)).toBe(reason);
  });
});
