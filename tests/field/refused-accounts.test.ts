import { APICallError } from "ai";
import { describe, expect, test } from "vitest";
import { type FailureKind, failureKind } from "@/lib/chat/model/failure-kind";
import { explainModelFailure } from "@/lib/chat/model/model-failure";
import { whatWasSaid } from "@/lib/chat/model/provider-words";

type Refusal = [provider: string, status: number, body: object | string];

const error = (message: string, more: object = {}) => ({ error: { message, ...more } });

/** What concerns the account, its plan, or where Usher runs, as providers answer. */
const refusals: Partial<Record<FailureKind, Refusal[]>> = {
  limit_reached: [
    // continuedev/continue#11444, continuedev/continue#9233
    ["Ollama", 429, { error: "you (x) have reached your session usage limit, upgrade" }],
    ["Ollama by the hour", 429, { error: "you've reached your hourly usage limit, please wait" }],
    // NousResearch/hermes-agent#103038, dirge-code/dirge#818, LionSR/TeXRA#9865
    [
      "Z.ai",
      429,
      error("Usage limit reached for 5 hour. Your limit will reset at 2026-09-04 19:01:25", {
        code: "1308",
      }),
    ],
    [
      "Zhipu",
      429,
      error("已达到 5 小时的使用上限。您的限额将在 2026-08-25 07:41:44 重置。", { code: "1308" }),
    ],
    ["OpenAI's projects", 429, error("You have exceeded your project's monthly budget.")],
    ["Google's projects", 429, error("Your project has exceeded its monthly spending cap.")],
    // anthropics/claude-code#63464
    ["Anthropic's plans", 429, error("You've hit your session limit · resets 9pm")],
    ["Z.ai by the week", 429, error("Weekly/Monthly Limit Exhausted.", { code: "1310" })],
    // volcengine/MineContext#328
    [
      "Volcengine",
      429,
      error(
        "Your account [1] has reached the set inference limit for the [m] model, and the model service has been paused.",
        { code: "SetLimitExceeded" },
      ),
    ],
    [
      "OpenAI's subscriptions",
      429,
      error("The usage limit has been reached", { type: "usage_limit_reached" }),
    ],
    [
      "Cohere",
      429,
      { message: "You are using a Trial key, which is limited to 1000 API calls / month." },
    ],
    [
      "watsonx",
      403,
      {
        errors: [
          {
            code: "token_quota_reached",
            message: "The token quota of this plan has been reached.",
          },
        ],
      },
    ],
  ],
  no_credit: [
    // continuedev/continue#13195, github/copilot-cli#406
    ["Ollama", 403, error("your subscription payment is past due. update your payment method")],
    ["GitHub", 403, { message: "You have no quota", code: "quota_exceeded" }],
    ["xAI", 403, { error: "Your newly created team doesn't have any credits or licenses yet." }],
    ["Vercel", 403, error("AI Gateway requires a valid credit card on file.")],
    ["a reseller", 403, error("用户额度不足", { code: "insufficient_user_quota" })],
  ],
  network_refused: [
    // Azure-Samples/azure-sql-db-chatbot#3, continuedev/continue#12547, TabularEditor/TabularEditor3#1557
    ["Azure", 403, error("Access denied due to Virtual Network/Firewall rules.", { code: "403" })],
    ["Azure's network", 403, error("A Virtual Network is configured for this resource.")],
    ["Azure, closed", 403, error("Public access is disabled. Please configure private endpoint.")],
    ["OpenAI", 401, error("Your IP address is not authorized.", { code: "ip_not_authorized" })],
  ],
  no_access: [
    // anomalyco/opencode#34048, cline/cline#5098
    [
      "GitHub",
      400,
      error('The requested model is not available for integrator "x".', { code: "invalid" }),
    ],
    [
      "Volcengine",
      404,
      error("Your account 1 has not activated the model m.", { code: "ModelNotOpen" }),
    ],
    [
      "Kimi",
      403,
      error("Kimi For Coding is currently only available for Coding Agents such as Kimi CLI.", {
        type: "access_terminated_error",
      }),
    ],
    ["Groq", 400, error("The model `m` requires terms acceptance.")],
    ["GitHub's policy", 403, error("The model is disabled by your organization's policy.")],
    ["OpenRouter", 404, error("No endpoints found that satisfy the requested maximum price.")],
    ["Bedrock", 403, { message: "Model access is denied due to IAM user or service role." }],
    ["Anthropic", 400, error("This credential is only authorized for use with Claude Code.")],
    ["Google", 403, error("Your project has been denied access. Please contact support.")],
    [
      "Hugging Face",
      400,
      error("The requested model 'm' is not supported by any provider you have enabled."),
    ],
  ],
  wrong_region: [["Vertex", 400, error("Publisher Model m is not supported in region asia-east1")]],
  wrong_api: [
    // mnfst/llm-gateway#1849
    [
      "GitHub",
      400,
      error('model "m" is not accessible via the /chat/completions endpoint', {
        code: "unsupported_api_for_model",
      }),
    ],
    [
      "OpenAI",
      404,
      error("This model is only supported in v1/responses and not in v1/chat/completions."),
    ],
  ],
  no_such_model: [
    // github/copilot-cli#639
    [
      "GitHub",
      400,
      error("The requested model is not supported.", { code: "model_not_supported" }),
    ],
    ["watsonx", 404, { errors: [{ message: "Model 'm' is not supported for this environment." }] }],
    ["SiliconFlow", 403, { code: 30003, message: "Model disabled.", data: null }],
    ["LiteLLM", 400, error("LLM Provider NOT provided. You passed model=x")],
    ["LM Studio", 400, { error: "Multiple models are loaded. Please specify a model." }],
  ],
  key_refused: [
    // anthropics/claude-code#28032, openclaw/openclaw#69719
    ["Bedrock", 403, { message: "The security token included in the request is expired" }],
    [
      "a gateway to Bedrock",
      500,
      {
        detail:
          "UnrecognizedClientException: The security token included in the request is invalid.",
      },
    ],
  ],
};

const named = { name: "openai-compatible/m", keyName: "OPENAI_COMPATIBLE_API_KEY", tools: 1 };

function thrown(status: number, body: object | string, responseHeaders = {}): APICallError {
  const responseBody = typeof body === "string" ? body : JSON.stringify(body);
  const request = { url: "https://models.example.com", requestBodyValues: {}, responseHeaders };
  return new APICallError({ message: "Failed", ...request, statusCode: status, responseBody });
}

describe("a refusal of an account", () => {
  const cases = Object.entries(refusals).flatMap(([kind, all]) =>
    all.map(([provider, status, body]) => ({ kind, provider, status, body })),
  );
  test.each(cases)("is $kind, as $provider answers ($status)", ({ kind, status, body }) => {
    const said = whatWasSaid(thrown(status, body));
    expect(said && failureKind(said)).toBe(kind);
  });

  test("from outside of its network does not blame the key", () => {
    for (const [, status, body] of refusals.network_refused ?? []) {
      const { message } = explainModelFailure(thrown(status, body), named);
      expect(message).toMatch(/does not accept requests from Usher's network[\s\S]*Ask an admin/);
    }
  });

  test("whose plan is used up says when that ends", () => {
    const body = error("The usage limit has been reached", { resets_in_seconds: 7200 });
    const { message } = explainModelFailure(thrown(429, body), named);
    expect(message).toMatch(/usage or spending limit[\s\S]*Wait 2 hours, or ask an admin/);
  });
});

describe("the time to wait", () => {
  const inHours = (hours: number) => Date.now() + hours * 3_600_000;
  const later = error("Rate limit reached");

  // CherryHQ/cherry-studio#2959
  test.each<[string, object, Record<string, string>, string]>([
    ["a sentence about one second", error("Please try again after 1 seconds"), {}, "a second"],
    ["a sentence about minutes", error("Please wait 3 minutes and try again."), {}, "3 minutes"],
    ["a sentence about a reset", error("Your limit resets in 1h 5m."), {}, "65 minutes"],
    ["milliseconds in a field", { retry_after_ms: 20_000 }, {}, "20 seconds"],
    ["a duration of seconds", { retryDelay: { seconds: 40 } }, {}, "40 seconds"],
    ["seconds until a reset", { resets_in_seconds: 30 }, {}, "30 seconds"],
    [
      "the headers that a gateway repeats",
      error("Rate limited", {
        metadata: { headers: { "X-RateLimit-Reset": String(inHours(4.9)) } },
      }),
      {},
      "5 hours",
    ],
    [
      "a limit that is used up",
      later,
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-remaining-tokens": "9000",
        "x-ratelimit-reset-tokens": "59m0s",
      },
      "6 minutes",
    ],
    [
      "a point in time",
      later,
      { "anthropic-ratelimit-requests-reset": new Date(inHours(2.9)).toISOString() },
      "3 hours",
    ],
  ])("is read from %s", (_, body, headers, told) => {
    const { message } = explainModelFailure(thrown(429, body, headers), named);
    expect(message).toContain(`Wait ${told}, then retry`);
  });
});
