import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";

type StreamPart = LanguageModelV3StreamPart;
type Delta = Extract<StreamPart, { delta: string }>;

/** How long a piece of an answer may wait for those that follow it, in ms: three frames of a screen. */
export const gatherMs = 50;

/**
 * The same answer in fewer pieces: deltas of one part that come within `everyMs` become one. The first
 * delta of a part is passed on at once, and whatever is no delta after all that came before it. A model
 * that is slower than that gets each delta passed on as it comes.
 *
 * A fast model sends hundreds a second, and each one costs a step of every stream between here and the
 * browser, a write to the network, and a drawing of the answer.
 */
export function gatherDeltas(
  parts: ReadableStream<StreamPart>,
  everyMs: number = gatherMs,
): ReadableStream<StreamPart> {
  const reader = parts.getReader();
  let held: Delta | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let passAt = 0;
  let demand: (() => void) | null = null;
  let isCancelled = false;

  return new ReadableStream<StreamPart>({
    start(controller) {
      void passOn(controller);
    },
    pull() {
      demand?.();
    },
    cancel(reason) {
      isCancelled = true;
      clearTimeout(timer);
      demand?.();
      return reader.cancel(reason);
    },
  });

  async function passOn(to: ReadableStreamDefaultController<StreamPart>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || isCancelled) break;
        if (isDelta(value)) hold(value, to);
        else {
          flush(to);
          to.enqueue(value);
          passAt = 0;
        }
        await taken(to);
      }
      if (isCancelled) return;
      flush(to);
      to.close();
    } catch (error) {
      await fail(to, error);
    }
  }

  function hold(delta: Delta, to: ReadableStreamDefaultController<StreamPart>): void {
    if (held?.type === delta.type && held.id === delta.id) {
      held = { ...held, delta: held.delta + delta.delta };
    } else {
      flush(to);
      held = delta;
    }
    const left = passAt - performance.now();
    if (left <= 0) flush(to);
    else timer ??= setTimeout(() => flush(to), left);
  }

  function flush(to: ReadableStreamDefaultController<StreamPart>): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === null || isCancelled) return;
    to.enqueue(held);
    held = null;
    passAt = performance.now() + everyMs;
  }

  /** Resolves when the reader wants more. */
  async function taken({ desiredSize }: ReadableStreamDefaultController<StreamPart>) {
    if (isCancelled || (desiredSize ?? 1) > 0) return;
    await new Promise<void>((resolve) => {
      demand = resolve;
    });
    demand = null;
  }

  /** An error takes along what nobody has read yet, here and in each stream that follows. */
  async function fail(to: ReadableStreamDefaultController<StreamPart>, error: unknown) {
    if (isCancelled) return;
    flush(to);
    await taken(to);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isCancelled) to.error(error);
  }
}

/** What carries metadata says something of its own. */
function isDelta(part: StreamPart): part is Delta {
  return (
    (part.type === "text-delta" ||
      part.type === "reasoning-delta" ||
      part.type === "tool-input-delta") &&
    part.providerMetadata === undefined
  );
}
