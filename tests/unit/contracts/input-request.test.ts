import { expect, it } from "vitest";
import { readInputRequest } from "@/lib/contracts/elicitation/elicitation";

const schema = { type: "object", properties: { day: { type: "string" } } };

it("shows a server's text without anything that hides or turns the text around it", () => {
  const message = "Pay\u202e now\r\nto\u200b me\n\n\n\n\u0007Bank";
  const read = readInputRequest({ mode: "form", message, requestedSchema: schema });
  expect(read).toMatchObject({ mode: "form", message: "Pay  now\nto  me\n\n Bank" });
});

it("keeps a message short", () => {
  const read = readInputRequest({ mode: "url", message: "a".repeat(9_000), url: "https://a.b/" });
  expect(read.message).toHaveLength(2_000);
});

it("rejects a form longer than a conversation should hold", () => {
  const requestedSchema = { ...schema, description: "a".repeat(70_000) };
  const read = readInputRequest({ mode: "form", message: "", requestedSchema });
  expect(read).toMatchObject({ mode: "refused", reason: "The server asks for too long a form." });
});

it("rejects a form that it cannot draw, and a URL that no one should open", () => {
  const nested = { type: "object", properties: { all: { type: "object" } } };
  const asked = [
    { mode: "form", message: "m", requestedSchema: nested },
    { mode: "form", message: "m", requestedSchema: null },
    ...["http://a.b/", "https://bank.example@evil.example/", "javascript:alert(1)", 7].map(
      (url) => ({ mode: "url" as const, message: "m", url }),
    ),
  ] as const;
  for (const each of asked) {
    expect(readInputRequest(each)).toMatchObject({ mode: "refused", message: "m" });
  }
});

it("shows a host as the DNS has it, so that lookalike letters are visible", () => {
  const read = readInputRequest({ mode: "url", message: "", url: "https://b\u0430nk.example/x" });
  expect(read).toMatchObject({ mode: "url", international: true });
  expect(read.mode === "url" && read.host).toMatch(/^xn--/);
});
