import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { TestStep } from "@/lib/contracts/servers/catalogue";
import { mcpServerChanged, testMcpServer } from "@/lib/queries/mcp-servers";

export type ConnectionTest = {
  running: boolean;
  /** How far each step has come; a step that has not begun is missing. */
  steps: Partial<Record<TestStep["step"], TestStep>>;
  /** The last thing that happened, for a screen reader. */
  latest: string | null;
  /** Why the test itself could not be carried through. */
  error: string | null;
};

/** One connection test at a time; leaving the page stops watching it. */
export function useConnectionTest(serverId: string) {
  const queryClient = useQueryClient();
  const [test, setTest] = useState<ConnectionTest | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function watch(controller: AbortController) {
    setTest({ running: true, steps: {}, latest: "Testing the connection", error: null });
    let error: string | null = null;
    try {
      for await (const step of testMcpServer(serverId, controller.signal)) {
        setTest(
          (old) =>
            old && {
              ...old,
              steps: { ...old.steps, [step.step]: step },
              latest: step.message,
            },
        );
      }
    } catch (cause) {
      if (controller.signal.aborted) return;
      error = cause instanceof Error ? cause.message : "The test could not be carried through.";
    }
    running.current = null;
    setTest((old) => old && { ...old, running: false, error });
    await mcpServerChanged(queryClient, serverId);
  }

  function start() {
    if (running.current) return;
    running.current = new AbortController();
    void watch(running.current);
  }

  function dismiss() {
    running.current?.abort();
    running.current = null;
    setTest(null);
  }

  return { test, start, dismiss };
}
