import { describe, expect, it } from "vitest";
import { handVariables } from "@/lib/mcp/stdio/launch";

describe("the variables of a sandboxed program", () => {
  const handed = handVariables(
    { command: "npx", args: ["-y", "$(server)"] },
    { LD_PRELOAD: "/evil.so", GCONV_PATH: "/evil", API_KEY: "sk-secret", PATH: "/own" },
    { HOME: "/home/server", PATH: "/usr/bin" },
  );

  it("reach what starts the sandbox under meaningless names", () => {
    for (const name of Object.keys(handed.environment)) expect(name).toMatch(/^USHER_\d+$/);
    expect(Object.values(handed.environment).sort()).toEqual(
      ["/evil", "/evil.so", "/home/server", "/own", "sk-secret"].sort(),
    );
  });

  it("are in no argument, which everyone on the machine can read", () => {
    expect(JSON.stringify(handed.args)).not.toMatch(/secret|evil/);
    expect(handed.args.slice(-3)).toEqual(["npx", "-y", "$(server)"]);
  });
});
