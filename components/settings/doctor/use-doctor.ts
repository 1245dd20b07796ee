import { useEffect, useRef, useState } from "react";
import { browserCheck } from "@/components/settings/browser-check";
import type { DoctorResult } from "@/lib/contracts/doctor";
import { fetchResponse, ProblemError, readJsonLines } from "@/lib/queries/fetch-json";

export type Examination = {
  /** From the last completed examination; they stay until the next one completes. Empty: none has. */
  results: readonly DoctorResult[];
  /** How many results of the current examination have arrived. */
  arrived: number;
  state: "running" | "done" | "broken";
  /** Why it ended early. */
  reason: string | null;
};

/** Examines once when the page opens, and again when asked; leaving the page ends it. */
export function useDoctor(publicUrl: string) {
  const [examination, setExamination] = useState<Examination>({
    results: [],
    arrived: 0,
    state: "running",
    reason: null,
  });
  const running = useRef<AbortController | null>(null);

  async function examine(controller: AbortController) {
    const { signal } = controller;
    const results = [browserResult(publicUrl)];
    setExamination((old) => ({ ...old, arrived: 1, state: "running", reason: null }));
    const end = await follow(signal, (result) => {
      results.push(result);
      setExamination((old) => ({ ...old, arrived: results.length }));
    });
    // All at once: a growing row would move the others while they are read.
    if (!signal.aborted) setExamination({ results, arrived: results.length, ...end });
  }

  function start() {
    running.current?.abort();
    running.current = new AbortController();
    void examine(running.current);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    start();
    return () => running.current?.abort();
  }, []);

  return { examination, start };
}

async function follow(
  signal: AbortSignal,
  onResult: (result: DoctorResult) => void,
): Promise<Pick<Examination, "state" | "reason">> {
  try {
    const { body } = await fetchResponse("/api/doctor", { signal });
    if (body) for await (const result of readJsonLines<DoctorResult>(body)) onResult(result);
    return { state: "done", reason: null };
  } catch (cause) {
    const reason =
      cause instanceof ProblemError
        ? cause.message
        : "The connection to Usher was lost. Try again.";
    return { state: "broken", reason };
  }
}

function browserResult(publicUrl: string): DoctorResult {
  const { ok, message } = browserCheck(publicUrl, window.location.origin);
  // Its message says what to do.
  return { id: "browser", status: ok ? "ok" : "failed", finding: message, fix: null };
}
