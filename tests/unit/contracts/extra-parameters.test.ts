import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseExtraParameters } from "@/lib/contracts/servers/extra-parameters";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { settingInputs } from "@/lib/contracts/servers/settings";

function problemOf(text: string): string {
  const parsed = parseExtraParameters(text);
  if (parsed.ok) throw new Error("it was accepted");
  return parsed.problem;
}

/** Other places that check them: the form, and a setting that contains them. */
const asSetting = (text: string) =>
  z.object(settingInputs(oauthSettings)).safeParse({ extraTokenParameters: text });

describe("extra authorization parameters", () => {
  test("are read one per line, with any value", () => {
    const text = 'access_type=offline\r\n\n  prompt = consent \nclaims={"a":"b=c"}\nempty=';
    expect(parseExtraParameters(text)).toEqual({
      ok: true,
      values: { access_type: "offline", prompt: "consent", claims: '{"a":"b=c"}', empty: "" },
    });
    expect(asSetting(text).success).toBe(true);
    expect(parseExtraParameters("  \n ")).toEqual({ ok: true, values: {} });
  });

  test.each([
    "state",
    "redirect_uri",
    "STATE",
    "code_challenge",
    "client_id",
    "response_mode",
    "resource",
    "request_uri",
  ])("may not be %s, which the protocol uses", (name) => {
    expect(problemOf(`audience=x\n${name}=y`)).toContain(`Line 2: Usher sets “${name}” itself`);
  });

  test.each([
    ["offline", "write it as name=value"],
    ["=offline", "a name is missing"],
    ["a b=c", "letters, digits"],
    ["a=1\na=2", "Line 2: “a” is listed twice"],
  ])("reports the line and the fix for %j", (text, expected) => {
    expect(problemOf(text)).toContain(expected);
    expect(asSetting(text).error?.issues[0]?.message).toBe(problemOf(text));
  });

  test("cannot reach an object's prototype", () => {
    const parsed = parseExtraParameters("__proto__=x\nconstructor=y");
    expect(parsed.ok && Object.getPrototypeOf(parsed.values)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
