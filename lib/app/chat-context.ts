import type { AppContext } from "@/lib/app/context";
import { callTool } from "@/lib/calls/call-tool";
import { describeAccount } from "@/lib/calls/target";
import type { ChatContext } from "@/lib/chat/context";
import { findMcpServer } from "@/lib/db/mcp-server";
import { authorizePermission, permits } from "@/lib/session/permissions";
import { listOwnAccounts } from "@/lib/tokens/own-accounts";

const unknownAccount = {
  ...{ actingAs: "Unknown account", connected: false, hasConnection: false },
  ...{ account: null, isDefault: false, choose: null },
};

/** Tokens and connections reach the chat as functions. */
export function chatContext(ctx: AppContext): ChatContext {
  const { db, keyring, now, log, turns, env } = ctx;
  return {
    db,
    keyring,
    now,
    log,
    turns,
    modelEnv: env.model,
    modelFetch: ctx.operatorFetch,
    guardedModelFetch: ctx.guardedModelFetch,
    telemetry: ctx.telemetry,
    callTool: (call) => {
      const { serverId, toolName } = call;
      const traced = ctx.telemetry.on;
      if (!traced) return callTool(ctx, call);
      return traced.span("tool call", { serverId, toolName }, () => callTool(ctx, call));
    },
    describeAccount: async (serverId, user, account) => {
      const found = await describeAccount(ctx, serverId, user, account);
      if (!found) return unknownAccount;
      const { tokenSharing, serverName: _, ...described } = found;
      return { ...described, hasConnection: tokenSharing !== null };
    },
    listAccounts: async (serverId, user) => {
      const server = await findMcpServer(db, serverId);
      return server ? listOwnAccounts(ctx, server, user.id) : [];
    },
    mayAuthorize: (user, tokenSharing) => permits(user.role, authorizePermission(tokenSharing)),
  };
}
