import { describe, expect, it } from "vitest";
import { passwordStrength } from "@/components/people/new-password-field";

const level = (password: string, personal: string[] = []) =>
  passwordStrength(password, personal).level;

describe("the hint for a new password", () => {
  it("asks for the missing characters", () => {
    expect(level("")).toBe("empty");
    expect(passwordStrength("elevenchars")).toEqual({
      level: "short",
      words: "Too short: 1 more character.",
    });
    expect(passwordStrength("abc").words).toBe("Too short: 9 more characters.");
  });

  it("counts characters, not UTF-16 units", () => {
    expect(level("🎟️🎭🎬🎤🎧🎼")).toBe("short");
  });

  it.each(["aaaaaaaaaaaaaaaa", "abababababababab", "123456789012345", "abcdefghijklmnop"])(
    "calls %s weak even though it is long",
    (password) => {
      expect(level(password)).toBe("weak");
    },
  );

  it("calls a password made of the person's own name or address weak", () => {
    const personal = ["Grace Hopper", "grace@navy.example"];
    expect(level("GraceHopperNavy", personal)).toBe("weak");
    expect(level("GraceHopperNavy")).not.toBe("weak");
  });

  it("calls a few unrelated words strong", () => {
    expect(level("orbit kettle mango prism")).toBe("strong");
    expect(level("k7Q!vz2pLw9x")).toBe("fair");
  });
});
