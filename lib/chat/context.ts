import type { ToolCallAccountPart, ToolContent } from "@/lib/contracts/chat/chat";
import type { ModelEnv } from "@/lib/contracts/chat/model-name";
import type { AccountView } from "@/lib/contracts/connections/own-account";
import type { Role } from "@/lib/contracts/people/person";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import type { Database } from "@/lib/db/client";
import type { Elicit, Elicitation, ElicitationResponse } from "@/lib/mcp/elicitation";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import type { Keyring } from "@/lib/vault/keyring";
import type { RunningTurns } from "./turn/running-turns";

export type ChatUser = {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** Where the turn came from, as far as known. */
  ipAddress?: string | null;
  /** The API key that the turn was requested with. Null or absent: the person did in a browser. */
  apiKey?: object | null;
};

/** The account that a call of a person uses. */
export type ChatAccount = Required<Pick<ToolCallAccountPart, "actingAs" | "hasConnection">> & {
  /** The call would find a usable token now. */
  connected: boolean;
  /** The person's name for it (lib/contracts/connections/account.ts). Null: no choice at this server, or none made. */
  account: string | null;
  /** Their calls use it unless they choose another one. */
  isDefault: boolean;
  /** Why the person has to choose first, in words; null: they do not. */
  choose: string | null;
};

/** As MCP's ElicitResult. */
export type InputResponse = ElicitationResponse;
export type InputResponses = Readonly<Record<string, InputResponse>>;

/** The content of an InputRequiredError from `callTool`. */
export type InputRequired = {
  flow: "INPUT_REQUIRED" | "URL_REQUIRED";
  requests: Readonly<Record<string, Elicitation>>;
  requestState: string | null;
};

export type ToolCallRequest = {
  serverId: string;
  toolName: string;
  /** Reads the resource at `input.uri` instead of calling a tool. */
  readsResource?: boolean;
  input: Record<string, unknown>;
  /** From the stored list of tools. */
  inputSchema: Readonly<Record<string, unknown>>;
  user: ChatUser;
  /** Which of their accounts they chose for it; null: no choice. */
  account: string | null;
  signal: AbortSignal;
  /** This call has already waited for a consent to more scopes: that happens once. */
  steppedUp: boolean;
  /** Its person always allows this tool and was not asked: for the audit. */
  alwaysAllowed: boolean;
  /** In which conversation, and with which assistant: for the audit. */
  conversationId: string;
  assistantId: string | null;
  /** Asks this person while the call is open. */
  elicit: Elicit;
  /** For this very call, if it asked for input before. */
  inputResponses?: InputResponses | undefined;
  requestState?: string | undefined;
};

/** The result of `tools/call`. */
export type ToolCallResult = {
  content: readonly ToolContent[];
  structuredContent?: unknown;
  /** The tool failed; `content` says why. */
  isError: boolean;
  /** True if the answer was longer than what is read. */
  truncated: boolean;
};

/**
 * @throws AuthorizationRequiredError a consent is missing: the call pauses
 * @throws AccountChoiceRequiredError the person has to choose an account: the call pauses
 * @throws InputRequiredError the server asks the person something: the call pauses
 * @throws TryLaterError | UnreachableError | McpServerError the model is told
 */
export type CallTool = (call: ToolCallRequest) => Promise<ToolCallResult>;

export type ChatLog = {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The chat's dependencies; lib/app.ts provides them. */
export type ChatContext = {
  db: Database;
  /** Seals what a person enters for a server, and the server's own state, while a call waits. */
  keyring: Keyring;
  now: () => Date;
  log: ChatLog;
  modelEnv: ModelEnv;
  /** Reaches models from the environment; null or absent: by their default. */
  modelFetch?: typeof fetch | null;
  /** Reaches models of providers that admins added, through the outbound guard. */
  guardedModelFetch?: typeof fetch;
  callTool: CallTool;
  /** @param account chosen for the call; null: no choice */
  describeAccount(serverId: string, user: ChatUser, account: string | null): Promise<ChatAccount>;
  /** Which accounts this person may choose from; empty if a server leaves no choice. */
  listAccounts(serverId: string, user: ChatUser): Promise<AccountView[]>;
  /** Whether this person may give the consent that a server with this token sharing needs. */
  mayAuthorize(user: ChatUser, tokenSharing: TokenSharing): boolean;
  turns: RunningTurns;
  telemetry?: TelemetrySwitch;
  timing?: Partial<TurnTiming>;
};

/** In ms. */
export type TurnTiming = {
  /** A turn without a heartbeat for this long counts as dead. */
  leaseMs: number;
  /** How often the lease is extended; far less than the lease. */
  heartbeatMs: number;
  /** How often a turn checks for a stop received by another replica, and saves what was written. */
  pollMs: number;
  /** Silence after which a model is abandoned. */
  modelSilenceMs: number;
  /** Retries after a refusal that may be temporary. */
  modelRetries: number;
  /** How long a call stays open for a person's answer. */
  answerMs: number;
};

export const turnTiming: TurnTiming = {
  leaseMs: 30_000,
  heartbeatMs: 8_000,
  pollMs: 1_000,
  modelSilenceMs: 120_000,
  modelRetries: 2,
  answerMs: 300_000,
};

/** An answer streams as long as the model writes; the turn limits its silence. */
export const modelOutboundLimits = {
  headersTimeoutMs: 120_000,
  totalTimeoutMs: null,
  maxResponseBytes: 64 * 1024 * 1024,
};
