import { createUIMessageStreamResponse } from "ai";
import { chatContext } from "@/lib/app/chat-context";
import { flushRecords } from "@/lib/app/current";
import { renewCataloguesOf } from "@/lib/calls/renew-catalogue";
import { runTurn } from "@/lib/chat/turn/run-turn";
import { turnInput } from "@/lib/contracts/chat/chat";
import { TryLaterError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { chatTurnsPerUser, enforceRateLimit } from "@/lib/session/rate-limit";

export const maxDuration = 300;

/** Compressing each of the small pieces costs more than everything else about them, here and in a proxy. */
const headers = { "cache-control": "no-cache, no-transform" };

/** Below the time after which proxies give up on a silent response. */
const keepAliveMs = 15_000;

/** The answer as it is written. The turn continues when the browser disconnects; nothing waits for it. */
export const POST = handle<{ conversationId: string }>("chat.use", async (handled) => {
  const { app, user, params, request } = handled;
  if (app.turns.isRefusing()) {
    throw new TryLaterError("Usher is restarting. Nothing was sent. Try again in a moment.", {
      retryAfterMs: 5_000,
    });
  }
  await enforceRateLimit(app, chatTurnsPerUser, user.id);
  const input = await readJson(request, turnInput);
  const { conversationId } = params;
  const turn = await runTurn(chatContext(app), { user, conversationId, input });
  app.afterResponse(async () => {
    await turn.finished;
    await flushRecords(app);
    await renewCataloguesOf(app, { id: conversationId, userId: user.id });
  });
  return createUIMessageStreamResponse({ stream: turn.stream, headers, keepAliveMs });
});
