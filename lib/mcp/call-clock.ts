import { SdkError, SdkErrorCode } from "@modelcontextprotocol/client";
import type { CallLimits } from "@/lib/mcp/target";

type CallClock = {
  /** Aborted by the caller's signal, or with the SDK's timeout error. */
  readonly signal: AbortSignal;
  heard(): void;
  /** While a person is asked, the time limits stop until the returned function is called. */
  pause(): () => void;
  end(): void;
};

/** Which limit ended a call, in the data of the SDK's timeout error. */
export type OverLimit = { limit: "silence" | "total"; ms: number };

/** One call's time limits, which end it. */
export function limitCall(
  outer: AbortSignal | undefined,
  { silenceMs, totalMs }: CallLimits,
): CallClock {
  const abort = new AbortController();
  let leftMs = totalMs;
  let runningSince = 0;
  let pauses = 0;
  let silence: NodeJS.Timeout | undefined;
  let total: NodeJS.Timeout | undefined;

  const expire = (over: OverLimit) =>
    abort.abort(new SdkError(SdkErrorCode.RequestTimeout, "Request timed out", over));
  const stop = () => {
    clearTimeout(silence);
    clearTimeout(total);
  };
  const run = () => {
    runningSince = performance.now();
    silence = setTimeout(() => expire({ limit: "silence", ms: silenceMs }), silenceMs);
    total = setTimeout(() => expire({ limit: "total", ms: totalMs }), leftMs);
  };
  const follow = () => {
    stop();
    abort.abort(outer?.reason);
  };
  outer?.addEventListener("abort", follow, { once: true });
  if (outer?.aborted) follow();
  else run();

  return {
    signal: abort.signal,
    heard: () => {
      if (pauses === 0 && !abort.signal.aborted) silence?.refresh();
    },
    pause: () => {
      if (++pauses === 1) {
        stop();
        leftMs = Math.max(0, leftMs - (performance.now() - runningSince));
      }
      let paused = true;
      return () => {
        if (!paused) return;
        paused = false;
        if (--pauses === 0 && !abort.signal.aborted) run();
      };
    },
    end: () => {
      stop();
      outer?.removeEventListener("abort", follow);
      // So that a question to a person that is still open ends with the call.
      if (pauses > 0) abort.abort(new DOMException("The call is over.", "AbortError"));
    },
  };
}
