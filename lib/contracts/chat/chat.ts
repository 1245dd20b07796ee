import type { UIMessage } from "ai";
import * as z from "zod";
import { accountName, accountView } from "@/lib/contracts/connections/own-account";
import { type InputRequiredPart, inputView } from "@/lib/contracts/elicitation/elicitation";
import { nameRecord } from "@/lib/contracts/name-record";
import { askReason } from "@/lib/contracts/servers/tool-policy";
import { timeCursor } from "../time-cursor";
import { alwaysAllowView } from "./always-allow";
import type {
  AccountRequiredPart,
  AuthorizationRequiredPart,
  ConfirmationRequiredPart,
} from "./prompt-parts";

export const pausedToolCallState = z.enum([
  "AWAITING_AUTHORIZATION",
  "AWAITING_ACCOUNT",
  "AWAITING_CONFIRMATION",
  "RUNNING",
  "AWAITING_INPUT",
  "INPUT_GIVEN",
  "DONE",
  "SKIPPED",
]);
export type PausedToolCallState = z.infer<typeof pausedToolCallState>;

/** The account a tool call used; stored with the call. */
export const toolCallAccountPart = z.object({
  toolCallId: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  toolName: z.string(),
  toolTitle: z.string(),
  readOnly: z.boolean(),
  /** In words: "Your account", "Shared account (authorized by Ada)", "No sign-in", "Stored headers". */
  actingAs: z.string(),
  /** Whether that is a connection, which can be read at `/api/connections/[serverId]`. Missing on older calls. */
  hasConnection: z.boolean().optional(),
  /** The person's "Always allow" by which it ran without asking them. */
  alwaysAllowedId: z.string().optional(),
});
export type ToolCallAccountPart = z.infer<typeof toolCallAccountPart>;

/** One piece of a tool's result, in MCP's form; `resource` and others are passed through. */
export const toolContent = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  /** Base64, of `image` and `audio`. */
  data: z.string().optional(),
  mimeType: z.string().optional(),
  /** Of `resource_link`. */
  uri: z.string().optional(),
  name: z.string().optional(),
  /** Set by Usher: the image was too large to keep. */
  omitted: z.literal("too-large").optional(),
});
export type ToolContent = z.infer<typeof toolContent>;

/**
 * The `output` of a `dynamic-tool` part. All of it is the server's own, untrusted. A tool that
 * reports an error, a skipped and a failed call are `output-error` parts with an `errorText`.
 */
export const toolCallOutput = z.object({
  content: z.array(toolContent),
  structuredContent: z.unknown().optional(),
  /** True if the answer was longer than Usher keeps. */
  truncated: z.boolean(),
});
export type ToolCallOutput = z.infer<typeof toolCallOutput>;

/** Why a turn stopped, in plain words, with what to do. */
export const turnErrorPart = z.object({
  message: z.string(),
  retryable: z.boolean(),
  /** True: a person stopped it; nothing failed. */
  stopped: z.boolean().optional(),
});
export type TurnErrorPart = z.infer<typeof turnErrorPart>;

/** What the person should know about an answer that still continues. */
export const turnNoticePart = z.object({ message: z.string() });
export type TurnNoticePart = z.infer<typeof turnNoticePart>;

export type ChatDataParts = {
  "authorization-required": AuthorizationRequiredPart;
  "account-required": AccountRequiredPart;
  "confirmation-required": ConfirmationRequiredPart;
  "tool-call-account": ToolCallAccountPart;
  "input-required": InputRequiredPart;
  "turn-error": TurnErrorPart;
  "turn-notice": TurnNoticePart;
};
/** Tool calls are `dynamic-tool` parts: the tools are known only at run time. */
export type ChatMessage = UIMessage<{ createdAt?: string }, ChatDataParts>;

export const conversationSummary = z.object({
  id: z.string(),
  title: z.string(),
  assistantId: z.string().nullable(),
  assistantName: z.string().nullable(),
  updatedAt: z.string(),
});
export type ConversationSummary = z.infer<typeof conversationSummary>;

export const pausedToolCallView = z.object({
  id: z.string(),
  toolCallId: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  toolName: z.string(),
  toolTitle: z.string(),
  state: pausedToolCallState,
  /** By its server's word, in a definition that an admin accepted. */
  readOnly: z.boolean(),
  /** Why it needs confirmation; null: it does not, or its tool is gone. */
  asks: askReason.nullable(),
  /** What "Always allow" depends on. Null: there is nothing to decide, or its tool is gone. */
  alwaysAllow: alwaysAllowView.nullable(),
  /** The account it would use now, in words. */
  actingAs: z.string(),
  /** The account that it was paused with or that was chosen for it; null: neither. */
  account: accountName.nullable(),
  /** What the viewer may choose from for a call that waits for that or for confirmation. Empty: there is no choice. */
  accounts: z.array(accountView),
  /** The account was chosen for the rest of this conversation. */
  isAccountKept: z.boolean(),
  /** The arguments that "Run now" uses; null if there is nothing to decide. */
  arguments: nameRecord(z.string(), z.unknown()).nullable(),
  /** True if the viewer may give the missing consent; otherwise `whoCan` says who. */
  canAuthorize: z.boolean(),
  whoCan: z.string().nullable(),
  /** True while it waits for an account that only an admin can authorize. */
  canAskAdmin: z.boolean(),
  adminAskedAt: z.string().nullable(),
  connected: z.boolean(),
  /** The server's last question; null: none. */
  input: inputView.nullable(),
});
export type PausedToolCallView = z.infer<typeof pausedToolCallView>;

/** `messages` is ChatMessage[], oldest first; its parts are checked by the AI SDK's own validator on the way in. */
export const messagePage = z.object({
  messages: z.array(z.custom<ChatMessage>()),
  pausedToolCalls: z.array(pausedToolCallView),
  /** For `before`; null: nothing is older. */
  older: z.string().nullable(),
});
export type MessagePage = z.infer<typeof messagePage>;

export const messagePageQuery = z.object({
  /** `older` of the page that follows. */
  before: z.string().regex(/^\d{1,9}$/, "This is not a page of this conversation."),
});

/** With its newest messages. */
export const conversationDetail = conversationSummary.extend({
  ...messagePage.shape,
  /** True while a turn runs somewhere; the page polls until it is over. */
  running: z.boolean(),
  /** The model that the person chose; null: the assistant's. */
  model: z.string().nullable(),
});
export type ConversationDetail = z.infer<typeof conversationDetail>;

/** A UUID, generated by the browser, so that a conversation starts with its first message in one request. */
export const conversationId = z.uuid();
export const newConversationInput = z.object({ assistantId: z.string() });
export const renameConversationInput = z.object({
  title: z.string().trim().min(1, "Enter a title.").max(120, "Use at most 120 characters."),
});

/**
 * Which model answers from now on, of those that the assistant lets the person choose. Null: the assistant's.
 * Absent: the one remembered for the conversation.
 */
const chosenModel = z.string().max(300).nullable().optional();

/**
 * `send` adds a message; `resume` continues after a consent, a confirmation or a skip; `retry` drops the
 * last answer and asks again.
 */
export const turnInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("send"),
    messageId: z.string().min(1).max(100),
    text: z
      .string()
      .trim()
      .min(1, "Write a message first.")
      .max(32_000, "A message may have 32,000 characters at most."),
    /** Starts the conversation with this assistant if it does not exist yet. */
    assistantId: z.string().max(100).optional(),
    model: chosenModel,
  }),
  z.object({ kind: z.literal("resume") }),
  z.object({ kind: z.literal("retry"), model: chosenModel }),
]);
export type TurnInput = z.infer<typeof turnInput>;

/** "Run now" or "Skip" for one waiting call; `choose`: the account for one that waits for it. */
export const pausedToolCallDecision = z.object({
  decision: z.enum(["run", "skip", "choose"]),
  /** With `choose`, and with `run` if there are several: the account to use. */
  account: accountName.optional(),
  /** With an account: whether this conversation's other calls to the server use it too. Absent: unchanged. */
  keepAccount: z.boolean().optional(),
  /** With `run`: the fingerprint of its tool's definition, whose later calls then run without asking. */
  alwaysAllow: z.string().length(64).optional(),
});
export type PausedToolCallDecision = z.infer<typeof pausedToolCallDecision>;

export const conversationList = z.object({
  conversations: z.array(conversationSummary),
  /** For `after`; null at the end. */
  next: z.string().nullable(),
});
export type ConversationList = z.infer<typeof conversationList>;

export const conversationListQuery = z.object({
  /** Part of the title, case-insensitive. */
  search: z.string().trim().max(200, "Use at most 200 characters.").optional(),
  after: timeCursor.optional(),
});
export type ConversationListQuery = z.infer<typeof conversationListQuery>;
