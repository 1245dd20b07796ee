import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { wordsForAdmin } from "@/lib/contracts/words-for-admin";

describe("what an admin reads", () => {
  it.each([
    [
      "example.com does not know one of the scopes. Ask an admin to check the scopes on the server's page.",
      "example.com does not know one of the scopes. Check the scopes on the server's page.",
    ],
    [
      "Retry. If this happens again, ask an admin to choose another model.",
      "Retry. If this happens again, choose another model.",
    ],
    [
      "Wait 2 hours, or ask an admin to raise it; then retry.",
      "Wait 2 hours, or raise it; then retry.",
    ],
    ["It takes fewer tools: ask an admin to choose fewer.", "It takes fewer tools: choose fewer."],
    [
      "An admin can add the scopes; then authorize again.",
      "You can add the scopes; then authorize again.",
    ],
    ["Authorize again, or ask an admin.", "Authorize again."],
    ["Your role does not allow this. Ask an admin.", "Your role does not allow this."],
    [
      "Try again. If it keeps happening, tell an admin.",
      "Try again. If it keeps happening, check the server log.",
    ],
  ])("%s", (text, words) => {
    expect(wordsForAdmin(text)).toBe(words);
  });

  it("keeps what a provider said, and what is not about asking", () => {
    for (const text of [
      "It said: “Ask an admin to approve this app.”",
      "Only an admin can authorize this server.",
      "An admin asked you to authorize your account again.",
    ]) {
      expect(wordsForAdmin(text)).toBe(text);
    }
  });

  it("never asks them to ask an admin, whichever sentence of lib it is", async () => {
    const files = await readdir("lib", { recursive: true });
    const sources = await Promise.all(
      files
        .filter((file) => file.endsWith(".ts") && !/generated|words-for-admin/.test(file))
        .map((file) => readFile(path.join("lib", file), "utf8")),
    );
    const told = sources.flatMap(
      (source) => source.match(/[^"`.:;]*\b[Aa]sk an admin\b[^"`]*/g) ?? [],
    );
    expect(told.length).toBeGreaterThan(50);
    const left = told.map(wordsForAdmin).filter((text) => /ask an admin/i.test(text));
    // For people who cannot sign in.
    expect(left.filter((text) => !/ask an admin for a/i.test(text))).toEqual([]);
  });
});
