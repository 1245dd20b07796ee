import { describe, expect, it } from "vitest";
import { parseUrl, secretParameters, withoutUrlSecrets } from "@/lib/parse-url";

describe("parseUrl", () => {
  it("accepts a URL with letters beyond ASCII, however often it is asked", () => {
    const refused = Array.from({ length: 30_000 }, () => parseUrl("https://münchen.example/ü"));
    expect(refused.filter((url) => url === null)).toHaveLength(0);
  });

  it("rejects what is not a URL, and accepts a relative one only with a base", () => {
    expect(parseUrl("/path")).toBeNull();
    expect(parseUrl("/path", "https://usher.example.com")?.href).toBe(
      "https://usher.example.com/path",
    );
    expect(parseUrl("https://")).toBeNull();
  });
});

describe("a secret in a URL's query", () => {
  const secretsOf = (query: string) =>
    secretParameters(new URL(`https://mcp.example.com/mcp?${query}`)).map(({ name }) => name);

  it.each([
    ...["api_key", "apikey", "apiKey", "API-KEY", "key", "token", "access_token", "accessToken"],
    ...["secret", "client_secret", "password", "pwd", "auth", "authorization", "sig", "signature"],
    ...["tavilyApiKey", "x-api-key", "session", "jwt", "brave_api_key", "code.secret"],
  ])("is recognized by the name %s", (name) => {
    expect(secretsOf(`team=a&${name}=value`)).toEqual([name]);
  });

  it.each(["sk-abcdefgh12345", "ghp_abcdefgh12345", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"])(
    "is recognized by the value %s",
    (value) => {
      expect(secretsOf(`x=${value}`)).toEqual(["x"]);
    },
  );

  it.each(["tenant", "profile", "keyword", "author", "monkey", "team", "v", "passage", "region"])(
    "is not seen in %s",
    (name) => {
      expect(secretsOf(`${name}=value-1`)).toEqual([]);
    },
  );

  it("is omitted where the URL is shown", () => {
    expect(withoutUrlSecrets("https://u:p@a.example/mcp?team=x&token=abc")).toBe(
      "https://a.example/mcp?team=x&token=hidden",
    );
    expect(withoutUrlSecrets("https://a.example/mcp?team=x y")).toBe(
      "https://a.example/mcp?team=x y",
    );
    expect(withoutUrlSecrets("none")).toBe("none");
  });
});
