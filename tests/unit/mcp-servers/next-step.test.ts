import { describe, expect, it } from "vitest";
import { type NextStepFacts, nextStep } from "@/components/mcp-servers/next-step/next-step";

type Connection = NonNullable<NextStepFacts["connection"]>;
type Catalogue = NonNullable<NextStepFacts["catalogue"]>;

const connection = (status: string) => ({ standing: { status } }) as Connection;
const catalogue = (tools: number) => ({ tools: Array(tools).fill({}) }) as unknown as Catalogue;
const connected: NextStepFacts = {
  connection: connection("connected"),
  tokenSharing: "SHARED",
  catalogue: catalogue(3),
  toolsDue: null,
  switchedOffAt: null,
  assistants: [],
};

describe("the next step of a server", () => {
  it.each([
    ["is to connect", { connection: connection("not_connected"), catalogue: null }, "connect"],
    [
      "is to connect a shared account even if its tools are known",
      { connection: connection("not_connected"), assistants: ["Guide"] },
      "connect",
    ],
    [
      "is not to connect if each person does, once the tools are known",
      { connection: connection("not_connected"), tokenSharing: "PER_USER" },
      "add-to-assistant",
    ],
    ["is to wait while the tools are due", { catalogue: null, toolsDue: "1" }, "reading"],
    ["is to add it to an assistant", {}, "add-to-assistant"],
    ["is to add it to an assistant if no one connects", { connection: null }, "add-to-assistant"],
    ["is none once an assistant uses it", { assistants: ["Guide"] }, null],
    ["is none if it is switched off", { switchedOffAt: "2026-11-27T00:00:00Z" }, null],
    ["is none if no tools arrived", { catalogue: catalogue(0) }, null],
  ] as const)("%s", (_, changed, step) => {
    expect(nextStep({ ...connected, ...changed }, false)).toBe(step);
  });

  it("is never outdated while the tools are being read", () => {
    expect(nextStep({ ...connected, catalogue: null }, true)).toBe("reading");
  });
});
