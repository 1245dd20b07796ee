import { describe, expect, it } from "vitest";
import { latestStep, stepsOf, summaryOf } from "@/components/mcp-servers/discovery/discovery-steps";
import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";

function line(step: DiscoveryLine["step"], state: DiscoveryLine["state"], asked: string = step) {
  const answered = state === "running" ? null : `It is ${state}.`;
  const clause = { name: "RFC 9728 §5.1", url: "https://www.rfc-editor.org/rfc/rfc9728" };
  return { id: `${step} ${asked}`, step, state, asked, answered, advice: null, clause };
}

const statesOf = (lines: DiscoveryLine[], over: boolean) =>
  stepsOf(lines, over).map(({ state }) => state);

describe("the checklist", () => {
  it("lists all its steps from the start", () => {
    expect(statesOf([], false)).toEqual(Array(7).fill("waiting"));
  });

  it("shows a step in the state of its last question", () => {
    const lines = [
      line("server", "done"),
      line("protected_resource", "absent", "GET /a"),
      line("protected_resource", "done", "GET /b"),
      line("authorization_server", "running"),
    ];
    expect(statesOf(lines, false)).toEqual([
      ...["done", "done", "running"],
      ...Array(4).fill("waiting"),
    ]);
    expect(latestStep(lines)).toBe("Authorization server metadata");
  });

  it("marks steps it never reached as not reached", () => {
    const lines = [line("server", "failed"), line("protected_resource", "running")];
    expect(statesOf(lines, true)).toEqual(["failed", ...Array(6).fill("not_reached")]);
    expect(summaryOf(lines)).toBe("1 failed");
  });
});
