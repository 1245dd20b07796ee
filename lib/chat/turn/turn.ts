import { type ChatContext, type TurnTiming, turnTiming } from "@/lib/chat/context";
import { type ChatChunk, continueMessage } from "@/lib/chat/message-in-progress";
import type { ChatMessage, TurnErrorPart } from "@/lib/contracts/chat/chat";
import { keepTurn, readStopRequest, releaseTurn, type TurnKey } from "@/lib/db/conversation";
import { saveMessage } from "@/lib/db/message";

export type TurnEnd =
  | "stopped"
  /** Another turn holds the conversation, or it was deleted: nothing may be written. */
  | "lost"
  /** The process is shutting down. */
  | "interrupted";

/**
 * One turn that holds a conversation: its output goes to the browser and into the message in
 * progress, which is saved as long as the lease is held. The browser may disconnect at any time.
 */
export type Turn = TurnKey & {
  readonly timing: TurnTiming;
  readonly message: ChatMessage;
  /** Aborted when the turn is to end early; `end` says why. */
  readonly signal: AbortSignal;
  readonly end: TurnEnd | null;
  readonly stream: ReadableStream<ChatChunk>;
  write(chunk: ChatChunk): void;
  /** Sends what the message already contains. */
  send(chunk: ChatChunk): void;
  /** Resolves once everything written before is stored. Concurrent saves are combined. */
  save(): Promise<void>;
  /** Saves, releases the conversation, and closes the stream. Never throws. */
  close(): Promise<void>;
};

/** The message for a turn that its process did not finish. */
export const interruptedTurn: TurnErrorPart = {
  message: "Usher was interrupted during this answer. What was written is kept. Retry.",
  retryable: true,
};

/** Another turn holds the lease: this one no longer writes anything. */
export class TurnLostError extends Error {}

export function openTurn(
  ctx: ChatContext,
  key: TurnKey,
  message: ChatMessage,
  outer: AbortSignal | undefined,
): Turn {
  const timing = { ...turnTiming, ...ctx.timing };
  const abort = new AbortController();
  const progress = continueMessage(message);
  const { stream, send, closeStream } = openStream();
  let end: TurnEnd | null = null;
  let dirty = false;
  let saving: Promise<void> | null = null;
  let queued: Promise<void> | null = null;

  function finish(why: TurnEnd): void {
    end ??= why;
    abort.abort(why);
  }

  async function saveNow(): Promise<void> {
    dirty = false;
    if (end === "lost") throw new TurnLostError();
    const saved = await saveMessage(ctx.db, key, { ...message, role: "assistant" });
    if (saved) return;
    finish("lost");
    throw new TurnLostError();
  }

  function save(): Promise<void> {
    if (!saving) {
      saving = saveNow().finally(() => {
        saving = null;
      });
      return saving;
    }
    queued ??= saving
      .catch(() => undefined)
      .then(() => {
        queued = null;
        return save();
      });
    return queued;
  }

  const watch = watchTurn(ctx, key, timing, {
    onStop: () => finish("stopped"),
    onLost: () => finish("lost"),
    onTick: () => {
      if (dirty) save().catch((error) => warn(ctx, key, error, "A message was not saved yet."));
    },
  });
  const interrupt = () => finish("interrupted");
  const { conversationId } = key;
  const running = { conversationId, stop: () => finish("stopped"), interrupt };
  ctx.turns.add(running);
  if (outer?.aborted) interrupt();
  outer?.addEventListener("abort", interrupt, { once: true });

  async function close(): Promise<void> {
    watch.end();
    outer?.removeEventListener("abort", interrupt);
    try {
      if (message.parts.length > 0) await persistently(save);
    } catch (error) {
      if (!(error instanceof TurnLostError)) warn(ctx, key, error, "A message could not be saved.");
    }
    await releaseTurn(ctx.db, key).catch((error) =>
      warn(ctx, key, error, "A conversation was not let go; its lease runs out."),
    );
    send({ type: "finish" });
    closeStream();
    ctx.turns.remove(running);
  }

  return {
    ...key,
    timing,
    message,
    signal: abort.signal,
    get end() {
      return end;
    },
    stream,
    send,
    write(chunk) {
      dirty = true;
      progress.apply(chunk);
      send(chunk);
    },
    save,
    close,
  };
}

/** May be written at any time; a missing reader does not matter. */
function openStream() {
  let controller: ReadableStreamDefaultController<ChatChunk> | null = null;
  const stream = new ReadableStream<ChatChunk>({
    start(opened) {
      controller = opened;
    },
    cancel() {
      controller = null;
    },
  });
  return {
    stream,
    send(chunk: ChatChunk): void {
      controller?.enqueue(chunk);
    },
    closeStream(): void {
      controller?.close();
      controller = null;
    },
  };
}

function watchTurn(
  ctx: ChatContext,
  key: TurnKey,
  timing: TurnTiming,
  on: { onStop(): void; onLost(): void; onTick(): void },
): { end(): void } {
  const ticksToHeartbeat = Math.max(1, Math.floor(timing.heartbeatMs / timing.pollMs));
  let ticks = 0;
  let asking = false;
  // All turns of a process ask in the same moments, so that one statement serves them.
  const untilNext = () => {
    const left = timing.pollMs - (performance.now() % timing.pollMs);
    return left < timing.pollMs / 2 ? left + timing.pollMs : left;
  };

  async function ask(): Promise<void> {
    ticks += 1;
    const state =
      ticks % ticksToHeartbeat === 0
        ? await keepTurn(ctx.db, key, timing.leaseMs)
        : await readStopRequest(ctx.db, key);
    if (!state) on.onLost();
    else if (state.stopRequested) on.onStop();
  }

  const saving = setInterval(on.onTick, timing.pollMs);
  let timer = setTimeout(function next() {
    timer = setTimeout(next, untilNext());
    if (asking) return;
    asking = true;
    ask()
      .catch((error) => warn(ctx, key, error, "A turn could not look at its conversation."))
      .finally(() => {
        asking = false;
      });
  }, untilNext());
  return {
    end() {
      clearInterval(saving);
      clearTimeout(timer);
    },
  };
}

/** A brief database outage does not lose an answer. */
async function persistently(save: () => Promise<void>): Promise<void> {
  for (const waitMs of [250, 1_000, 3_000]) {
    try {
      return await save();
    } catch (error) {
      if (error instanceof TurnLostError) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return save();
}

function warn(ctx: ChatContext, key: TurnKey, error: unknown, message: string): void {
  const name = error instanceof Error ? error.name : typeof error;
  ctx.log.warn({ conversationId: key.conversationId, error: name }, message);
}

/**
 * A signal for one step or one call of a turn: its listeners go with it, however many steps
 * the turn takes.
 */
export function followSignal(outer: AbortSignal): { signal: AbortSignal; letGo(): void } {
  const inner = new AbortController();
  const abort = () => inner.abort(outer.reason);
  if (outer.aborted) abort();
  outer.addEventListener("abort", abort, { once: true });
  return { signal: inner.signal, letGo: () => outer.removeEventListener("abort", abort) };
}
