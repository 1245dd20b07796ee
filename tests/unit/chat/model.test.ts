import { APICallError, RetryError } from "ai";
import { describe, expect, it } from "vitest";
import { resolveModel } from "@/lib/chat/model/model";
import { defaultModelName } from "@/lib/chat/model/model-choice";
import { explainModelFailure } from "@/lib/chat/model/model-failure";
import type { ModelEnv } from "@/lib/contracts/chat/model-name";

const nothing: ModelEnv = {
  aiModel: null,
  anthropicApiKey: null,
  openaiApiKey: null,
  openaiCompatibleBaseUrl: null,
  openaiCompatibleApiKey: null,
  gatewayApiKey: null,
  vercel: false,
};
const env = (change: Partial<ModelEnv>): ModelEnv => ({ ...nothing, ...change });

describe("the model that answers", () => {
  it("is the built-in assistant if nothing is configured", () => {
    expect(resolveModel(null, nothing)).toMatchObject({ name: "built-in", builtIn: true });
  });

  it.each([
    [env({ anthropicApiKey: "k" }), "anthropic/"],
    [env({ openaiApiKey: "k" }), "openai/"],
    [env({ anthropicApiKey: "k", openaiApiKey: "k" }), "built-in"],
    [env({ openaiApiKey: "k", aiModel: "built-in" }), "built-in"],
    [env({ anthropicApiKey: "k", aiModel: "openai-compatible/llama" }), "openai-compatible/llama"],
  ])("by default follows AI_MODEL, then the single key that is set", (given, begins) => {
    expect(defaultModelName(given).startsWith(begins)).toBe(true);
  });

  it.each([
    ["anthropic/claude-x", env({ anthropicApiKey: "k" }), "anthropic.messages", "claude-x"],
    ["openai/gpt-x", env({ openaiApiKey: "k" }), "openai.responses", "gpt-x"],
    [
      "openai-compatible/org/llama:8b",
      env({ openaiCompatibleBaseUrl: "http://localhost:11434/v1" }),
      "openai-compatible.chat",
      "org/llama:8b",
    ],
    ["gateway/anthropic/claude-x", env({ gatewayApiKey: "k" }), "gateway", "anthropic/claude-x"],
    ["gateway/anthropic/claude-x", env({ vercel: true }), "gateway", "anthropic/claude-x"],
  ])("is selected by its name: %s", (name, given, provider, modelId) => {
    expect(resolveModel(name, given)).toMatchObject({ name, builtIn: false });
    expect(resolveModel(name, given).model).toMatchObject({ provider, modelId });
  });

  it("named by an assistant takes precedence over the installation's", () => {
    const both = env({ openaiApiKey: "k", aiModel: "openai/gpt-x" });
    expect(resolveModel("openai/gpt-y", both).name).toBe("openai/gpt-y");
    expect(resolveModel("built-in", both).builtIn).toBe(true);
    expect(resolveModel(" ", both).name).toBe("openai/gpt-x");
  });

  it.each([
    ["anthropic/claude-x", nothing, "ANTHROPIC_API_KEY is not set"],
    ["openai/gpt-x", nothing, "OPENAI_API_KEY is not set"],
    ["openai-compatible/llama", nothing, "OPENAI_COMPATIBLE_BASE_URL is not set"],
    [
      "openai-compatible/llama",
      env({ openaiCompatibleBaseUrl: "localhost" }),
      "must be a URL such as",
    ],
    ["gateway/anthropic/claude-x", nothing, "AI_GATEWAY_API_KEY is not set"],
    ["gateway/claude", env({ gatewayApiKey: "k" }), "also needs a creator"],
    ["gpt-x", nothing, "Write it as anthropic/<model>"],
    ["mistral/large", nothing, "not a model that Usher can reach"],
    ["openai/", env({ openaiApiKey: "k" }), "not a model that Usher can reach"],
  ])("is rejected in helpful words: %s", (name, given, words) => {
    expect(() => resolveModel(name, given)).toThrow(words);
    expect(() => resolveModel(name, given)).toThrow(`The model "${name}" cannot be used`);
  });
});

describe("a model's tools", () => {
  const compatible = env({
    openaiCompatibleBaseUrl: "http://localhost:11434/v1",
    gatewayApiKey: "k",
  });
  // A compatible API passes on what it gets: genspark-ai/genoffice#186, anomalyco/opencode#37496
  it.each([
    ["openai-compatible/google/gemini-2.5-pro", "gemini"],
    ["openai-compatible/gemini-3-flash", "gemini"],
    ["openai-compatible/moonshotai/kimi-k2.7", "kimi"],
    ["gateway/moonshotai/kimi-k2.7", "kimi"],
    ["gateway/google/gemini-3-pro", "gemini"],
    ["openai-compatible/qwen3:8b", "openai-compatible"],
  ])("follow the rules of its creator where its name tells: %s", (name, family) => {
    expect(resolveModel(name, compatible).family).toBe(family);
  });
});

describe("a model failure", () => {
  const secret = "sk-live-abcdef0123456789";
  const context = { name: "openai/gpt-x", keyName: "OPENAI_API_KEY", tools: 3 };
  const failed = (statusCode: number | undefined, data: unknown = {}) =>
    new APICallError({
      message: `Bad key ${secret}`,
      url: `https://api.example.com/?key=${secret}`,
      requestBodyValues: { secret },
      responseHeaders: { authorization: secret },
      responseBody: `{"error":"${secret}"}`,
      ...(statusCode === undefined ? {} : { statusCode }),
      data,
    });

  it.each([
    [failed(401), "refused Usher's key (401). Ask an admin to check OPENAI_API_KEY."],
    [failed(404), "does not know the model openai/gpt-x (404)"],
    [failed(429), "Wait a minute, then retry."],
    [
      failed(429, { error: { code: "insufficient_quota" } }),
      "no credit left (429, insufficient_quota)",
    ],
    [
      failed(400, { error: { code: "context_length_exceeded" } }),
      "too long for the model (400, context_length_exceeded)",
    ],
    [failed(400, { error: { code: `x ${secret}` } }), "refused the request (400)."],
    [failed(503), "has a temporary problem (503)"],
    [failed(undefined), "could not be fetched"],
    [failed(200), "broke off"],
    [
      new RetryError({ message: secret, reason: "maxRetriesExceeded", errors: [failed(429)] }),
      "429",
    ],
    [new TypeError(`fetch failed ${secret}`), "could not be fetched"],
    [new DOMException(secret, "TimeoutError"), "sent nothing for too long"],
    [{ type: "overloaded_error", message: secret }, "has a temporary problem"],
    [secret, "broke off"],
  ])("is reported without any of the provider's words (%#)", (error, words) => {
    const told = explainModelFailure(error, context);
    expect(told.message).toContain(words);
    expect(told.retryable).toBe(true);
    expect(JSON.stringify(told)).not.toContain(secret);
  });

  const refusedWith = (message: string) =>
    explainModelFailure(
      new APICallError({
        ...{ message, url: "https://api.example.com", requestBodyValues: {}, statusCode: 400 },
        responseBody: JSON.stringify({ error: { message, code: "odd" } }),
      }),
      context,
    ).message;

  it("of a kind that is not known quotes the provider", () => {
    expect(refusedWith("Unsupported value: 'temperature' does not support 0.2.")).toContain(
      "refused the request (400, odd). It said: “Unsupported value: 'temperature' does not support 0.2.” Retry.",
    );
    expect(refusedWith("<b>\u202eOdd</b>\n\n".repeat(200)).length).toBeLessThan(450);
  });

  it.each([
    ["Needs a newer runner.", "It said: “Needs a newer runner.”"],
    ["<p>Odd</p>", "(400). Retry."],
    ["", "(400). Retry."],
  ])("without JSON quotes text, and no page (%j)", (responseBody, words) => {
    const answer = { ...{ message: "Bad Request", url: "https://api.example.com" }, responseBody };
    const error = new APICallError({ ...answer, requestBodyValues: {}, statusCode: 400 });
    expect(explainModelFailure(error, context).message).toContain(words);
  });

  it.each([
    `The header was ${secret}.`,
    "The header was Bearer a1b2.",
    "Your key sk-1234 may not do that.",
    "Your key sk-a********9 may not do that.",
    "api_key=abc123 may not do that.",
    "eyJhbGciOiJIUzI1NiJ9.e30.x may not do that.",
  ])("quotes no key, as in %s", (words) => {
    const told = refusedWith(words);
    expect(told).toContain("It said: “");
    expect(told).not.toMatch(/sk-|a1b2|1234|abc123|eyJ|a\*|9 may/);
  });

  it("of any kind tells the log what the provider said, without a key", () => {
    const message = `Quota of ${secret} reached: no credits left.`;
    const answer = { ...{ message, url: "https://api.example.com" }, requestBodyValues: {} };
    const responseBody = JSON.stringify({ error: { message } });
    const told = explainModelFailure(
      new APICallError({ ...answer, statusCode: 402, responseBody }),
      context,
    );
    expect(told.log).toMatchObject({
      kind: "no_credit",
      said: "Quota of … reached: no credits left.",
    });
    expect(told.message).not.toContain("Quota");
  });

  it("with more tools than most models accept says so", () => {
    const told = explainModelFailure(failed(400), { ...context, tools: 200 });
    expect(told.message).toContain(
      "This assistant has 200 tools, and that is more than the model takes",
    );
  });
});
