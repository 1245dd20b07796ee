import { expect, it } from "vitest";
import { clickCookieName, newClick } from "@/lib/contracts/servers/flow-click";

it("a click is 128 random bits that fit into a cookie name and a URL", () => {
  const click = newClick(new Uint8Array(16).fill(0xff));
  expect(click).toBe("_____________________w");
  expect(encodeURIComponent(click)).toBe(click);
});

it("its cookie can be set only by this host if there is https", () => {
  const click = newClick(new Uint8Array(16));
  expect(clickCookieName(click, true)).toBe(`__Host-usher-click-${click}`);
  expect(clickCookieName(click, false)).toBe(`usher-click-${click}`);
});

it.each([
  null,
  "",
  "short",
  "a".repeat(23),
  "a".repeat(21),
  "a b".padEnd(22, "c"),
  "a;b=".padEnd(22),
])("%j is not a click", (text) => expect(clickCookieName(text, false)).toBeNull());
