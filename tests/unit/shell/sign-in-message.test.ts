import { expect, it } from "vitest";
import { signInMessage } from "@/components/shell/sign-in-message";
import { signInFailure } from "@/lib/contracts/people/sign-in";

const unknown = signInMessage("there is no such code");

it("has a specific message for every way in which a sign-in fails", () => {
  const messages = signInFailure.options.map((code) => signInMessage(code, "Acme ID"));
  expect(messages).not.toContain(unknown);
  expect(new Set(messages).size).toBe(messages.length);
  for (const message of messages) {
    expect(message).not.toMatch(/[{}]/);
    expect(message).toMatch(/^[A-Z].*\.$/);
  }
});

it("names the provider, whatever its name, or describes it", () => {
  expect(signInMessage("OidcUnreachable", "$& ID")).toContain("$& ID cannot be reached");
  expect(signInMessage("OidcUnreachable")).toMatch(/^Your identity provider cannot be reached/);
});

it.each(["constructor", "__proto__", ""])(
  "treats %j, which anyone can write, as an unknown code",
  (code) => {
    expect(signInMessage(code)).toBe(unknown);
  },
);
