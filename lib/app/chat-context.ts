import type { AppContext } from "@/lib/app";
import { callTool } from "@/lib/calls/call-tool";
import { describeAccount } from "@/lib/calls/target";
import type { ChatContext } from "@/lib/chat/context";
import { authorizePermission, permits } from "@/lib/session/permissions";

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
    describeAccount: async (serverId, user) => {
      const account = await describeAccount(ctx, serverId, user);
      const hasConnection = (account?.tokenSharing ?? null) !== null;
      const { actingAs = "Unknown account", connected = false } = account ?? {};
      return { actingAs, connected, hasConnection };
    },
    isConnected: async (serverId, user) =>
      (await describeAccount(ctx, serverId, user))?.connected ?? false,
    mayAuthorize: (user, tokenSharing) => permits(user.role, authorizePermission(tokenSharing)),
  };
}
