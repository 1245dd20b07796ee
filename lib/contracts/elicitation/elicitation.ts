import * as z from "zod";
import { nameRecord } from "@/lib/contracts/name-record";
import { parseUrl } from "@/lib/parse-url";
import { severalLines } from "@/lib/untrusted-text";
import type { ElicitationField } from "./elicitation-answer";
import { readElicitationForm } from "./elicitation-form";

/** A server's question during a call, validated for display. */
export type InputRequest =
  | { mode: "form"; message: string; fields: ElicitationField[]; leftOut?: string[] }
  | { mode: "url"; message: string; href: string; host: string; international: boolean }
  /** Usher does not ask; the server gets a decline. */
  | { mode: "refused"; message: string; reason: string };

const MAX_MESSAGE = 2_000;
/** For a form as JSON, in characters: it is stored in the conversation, and sent with it. */
const MAX_SCHEMA = 64 * 1024;

/** @param asked as the server sent it: untrusted */
export function readInputRequest(
  asked:
    | { mode: "form"; message: string; requestedSchema: unknown }
    | { mode: "url"; message: string; url: unknown },
): InputRequest {
  const message = severalLines(asked.message, MAX_MESSAGE);
  if (asked.mode === "form") {
    if ((JSON.stringify(asked.requestedSchema) ?? "").length > MAX_SCHEMA) {
      return { mode: "refused", message, reason: "The server asks for too long a form." };
    }
    const form = readElicitationForm(asked.requestedSchema);
    if (!form.ok) return { mode: "refused", message, reason: form.reason };
    const { ok, ...shown } = form;
    return { mode: "form", message, ...shown };
  }
  const url = checkElicitationUrl(asked.url);
  if (!url.ok) return { mode: "refused", message, reason: url.reason };
  const { href, host, international } = url;
  return { mode: "url", message, href, host, international };
}

const inputAction = z.enum(["accept", "decline", "cancel"]);
export type InputAction = z.infer<typeof inputAction>;

/** A person's answer to one question of a waiting call. `content` is checked against its form. */
export const inputAnswer = z.object({
  round: z.int().min(1),
  key: z.string().max(1_000),
  action: inputAction,
  content: nameRecord(z.string(), z.unknown()).optional(),
});
export type InputAnswer = z.infer<typeof inputAnswer>;

/** The stored prompt for a server's question. It never contains the answer. */
export const inputRequiredPart = z.object({
  toolCallId: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  round: z.number(),
  /** By the server's keys. */
  requests: nameRecord(z.string(), z.custom<InputRequest>()),
  /** The outcome of each question; empty while open. `expired`: no one answered in time. */
  outcomes: nameRecord(z.string(), z.enum(["accept", "decline", "cancel", "expired"])),
});
export type InputRequiredPart = z.infer<typeof inputRequiredPart>;

export const inputView = z.object({
  round: z.number(),
  /** Answered keys that wait for the others. */
  answered: z.array(z.string()),
});

export type ElicitationUrl =
  | {
      ok: true;
      href: string;
      /** As in DNS: lookalike letters show as `xn--`. */
      host: string;
      /** True if the name uses other letters than the host shows. */
      international: boolean;
    }
  | { ok: false; reason: string };

const MAX_LENGTH = 8_000;

/**
 * Whether a person may be asked to open this URL from an MCP server. Usher itself never fetches it.
 * A name and password before the host make `https://bank.example@evil.example` look like the bank's.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#safe-url-handling
 */
export function checkElicitationUrl(address: unknown): ElicitationUrl {
  const isShort = typeof address === "string" && address.length <= MAX_LENGTH;
  const url = isShort ? parseUrl(address) : null;
  if (!url) {
    return refused("The server asks to open something that is not a web address.");
  }
  if (url.protocol !== "https:") {
    return refused("The server asks to open an address that is not https.");
  }
  if (url.username !== "" || url.password !== "") {
    return refused("The server asks to open an address that hides its host behind a user name.");
  }
  const international = url.hostname.split(".").some((label) => label.startsWith("xn--"));
  return { ok: true, href: url.href, host: url.host, international };
}

function refused(reason: string): ElicitationUrl {
  return { ok: false, reason: `${reason} Usher did not open it.` };
}
