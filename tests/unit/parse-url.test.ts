import { describe, expect, it } from "vitest";
import { parseUrl } from "@/lib/parse-url";

describe("parseUrl", () => {
  it("takes an address with letters beyond ASCII, however often it is asked", () => {
    const refused = Array.from({ length: 30_000 }, () => parseUrl("https://münchen.example/ü"));
    expect(refused.filter((url) => url === null)).toHaveLength(0);
  });

  it("knows what is no URL, and what is one beside another alone", () => {
    expect(parseUrl("/path")).toBeNull();
    expect(parseUrl("/path", "https://usher.example.com")?.href).toBe(
      "https://usher.example.com/path",
    );
    expect(parseUrl("https://")).toBeNull();
  });
});
