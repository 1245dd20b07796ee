import { APICallError } from "ai";
import { describe, expect, test } from "vitest";
import { type FailureKind, failureKind } from "@/lib/chat/model/failure-kind";
import { explainModelFailure } from "@/lib/chat/model/model-failure";
import { whatWasSaid } from "@/lib/chat/model/provider-words";

type Refusal = [provider: string, status: number, body: object | string];

const error = (message: string, more: object = {}) => ({ error: { message, ...more } });

/** Whole answers, as gateways, clouds and servers of open models send them. */
const refusals: Partial<Record<FailureKind, Refusal[]>> = {
  no_access: [
    // strands-agents/harness-sdk#38
    [
      "Bedrock",
      403,
      { message: "You don't have access to the model with the specified model ID." },
    ],
    [
      "OpenAI",
      403,
      error("Project `proj_x` does not have access to model `gpt-4o`", { code: "model_not_found" }),
    ],
    ["OpenAI's verification", 400, error("Your organization must be verified to use this model.")],
    [
      "Groq",
      403,
      error(
        "The model `x` is blocked at the project level. Please have a project admin enable this model",
      ),
    ],
    ["GitHub Models", 403, error("No access to model: openai/gpt-5", { code: "no_access" })],
    ["Vertex", 403, error("Permission 'aiplatform.endpoints.predict' denied on resource")],
    [
      "Google",
      403,
      error("Generative Language API has not been used in project 1 before or it is disabled."),
    ],
    [
      "OpenRouter",
      404,
      error("No endpoints found matching your data policy (Free model publication)."),
    ],
    [
      "OpenRouter's choice",
      404,
      error("No allowed providers are available for the selected model."),
    ],
    ["Ollama's cloud", 403, { error: "this model requires a subscription, upgrade for access" }],
    [
      "LiteLLM",
      401,
      error("key not allowed to access model. This key can only access models=['a']."),
    ],
    ["Anthropic", 400, error("The long context beta is not yet available for this subscription.")],
  ],
  wrong_region: [
    // google-gemini/gemini-cli#24641, songquanpeng/one-api#1692
    [
      "Google",
      400,
      error("User location is not supported for the API use.", { status: "FAILED_PRECONDITION" }),
    ],
    [
      "OpenAI",
      403,
      error("Country, region, or territory not supported", {
        code: "unsupported_country_region_territory",
      }),
    ],
    ["xAI", 403, { error: "The requested model is not available in your region" }],
  ],
  no_such_model: [
    // chatboxai/chatbox#861, crewAIInc/crewAI#1976, aws-samples/bedrock-access-gateway#73
    [
      "Azure",
      404,
      error("The API deployment for this resource does not exist.", { code: "DeploymentNotFound" }),
    ],
    [
      "Azure's embeddings",
      400,
      error("The chatCompletion operation does not work with the specified model, ada."),
    ],
    [
      "Groq",
      400,
      error("The model `x` has been decommissioned and is no longer supported.", {
        code: "model_decommissioned",
      }),
    ],
    [
      "NVIDIA",
      410,
      { title: "Gone", detail: "The model 'x' has reached its end of life on 2026-01-01." },
    ],
    ["DeepSeek", 400, error("Model Not Exist", { type: "invalid_request_error" })],
    ["Zhipu", 400, error("模型不存在，请检查模型代码。", { code: "1211" })],
    ["Bedrock", 400, { message: "The provided model identifier is invalid." }],
    [
      "Bedrock's profiles",
      400,
      { message: "Invocation of model ID x with on-demand throughput isn’t supported." },
    ],
    [
      "Together",
      400,
      error("Unable to access non-serverless model x.", { code: "model_not_available" }),
    ],
    [
      "Cloudflare",
      400,
      { success: false, errors: [{ code: 5007, message: "AiError: No such model @cf/x or task" }] },
    ],
  ],
  wrong_address: [
    ["Azure's version", 400, error("Missing required query parameter: api-version")],
    ["Azure", 404, error("Resource not found", { code: "404" })],
    ["a firewall", 403, "<!DOCTYPE html><title>Attention Required!</title>"],
  ],
  not_loaded: [
    [
      "Ollama",
      500,
      error("model requires more system memory (5.6 GiB) than is available (3.1 GiB)"),
    ],
    ["LM Studio", 400, error('Failed to load model "x". Error: Model loading was stopped.')],
    [
      "LM Studio's process",
      400,
      { error: "The model has crashed without additional information. (Exit code: 1)" },
    ],
    ["Ollama's process", 500, { error: "llama runner process has terminated: signal: killed" }],
    ["vLLM", 500, error("CUDA out of memory. Tried to allocate 2.00 GiB")],
  ],
  no_credit: [
    // hsliuping/TradingAgents-CN#170, RooCodeInc/Roo-Code#12309
    [
      "DashScope",
      400,
      error("Access denied, please make sure your account is in good standing.", {
        code: "Arrearage",
      }),
    ],
    ["DashScope, overdue", 403, error("Access denied due to overdue account")],
    [
      "DashScope's free tier",
      403,
      error("The free tier of the model has been exhausted.", {
        code: "AllocationQuota.FreeTierOnly",
      }),
    ],
    // langgenius/dify#5850, continuedev/continue#11823, zai-org/GLM-5#148
    ["Zhipu", 429, error("您的账户已欠费，请充值后重试。", { code: "1113" })],
    ["Zhipu's packages", 429, error("余额不足或无可用资源包,请充值。", { code: "1113" })],
    [
      "Z.ai",
      429,
      error("Insufficient balance or no resource package. Please recharge.", { code: "1113" }),
    ],
    // FoundationAgents/OpenManus#438
    [
      "SiliconFlow",
      403,
      { code: 30011, message: "Your paid balance is insufficient. Please top up and try again." },
    ],
    [
      "Cloudflare",
      429,
      {
        errors: [
          { message: "AiError: you have used up your daily free allocation of 10,000 neurons" },
        ],
      },
    ],
    [
      "Anthropic",
      429,
      error("Extra usage is required for long context requests.", { type: "rate_limit_error" }),
    ],
  ],
  limit_reached: [
    [
      "Fireworks",
      412,
      error("Account x is suspended, possibly due to reaching the monthly spending limit."),
    ],
    ["MiniMax", 200, { base_resp: { status_code: 2056, status_msg: "usage limit exceeded" } }],
  ],
  key_refused: [
    [
      "MiniMax",
      200,
      {
        base_resp: { status_code: 1004, status_msg: "login fail: Please carry the API secret key" },
      },
    ],
    [
      "Anthropic",
      400,
      error("This organization has been disabled.", { type: "invalid_request_error" }),
    ],
    ["Groq", 400, error("Organization has been restricted.", { code: "organization_restricted" })],
    [
      "watsonx",
      401,
      {
        errors: [
          { code: "authentication_token_expired", message: "Failed to authenticate the request" },
        ],
      },
    ],
  ],
  filtered: [
    // QwenLM/qwen-code#2905, camel-ai/owl#432
    [
      "DashScope",
      400,
      error(
        "<400> InternalError.Algo.DataInspectionFailed: Input text data may contain inappropriate content.",
      ),
    ],
    ["DeepSeek", 400, error("Content Exists Risk", { type: "invalid_request_error" })],
    ["Bedrock", 400, { message: "Violated guardrail policy" }],
    ["Hunyuan", 400, error("内容违规，请修改后重试")],
    ["OpenAI", 400, error("This request has been flagged for possible cybersecurity risk.")],
    ["Volcengine", 400, error("The input text may contain sensitive information.")],
    ["Zhipu", 400, error("系统检测到输入或生成内容可能包含不安全或敏感内容", { code: "1301" })],
    ["MiniMax", 200, { base_resp: { status_code: 1027, status_msg: "output new_sensitive" } }],
    [
      "OpenRouter",
      403,
      error("Your input was flagged", { code: 403, metadata: { reasons: ["violence"] } }),
    ],
  ],
  too_many_tools: [
    ["OpenAI", 400, error("Invalid 'tools': array too long.", { code: "array_above_max_length" })],
  ],
  too_long: [
    ["TabbyAPI", 400, { detail: "Prompt length 9000 is greater than max_seq_len 8192" }],
    ["Zhipu", 400, error("Prompt 超长", { code: "1261" })],
    ["Hunyuan", 400, error("请求的 token 数超过模型上下文长度")],
    [
      "DashScope",
      400,
      error(
        "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
      ),
    ],
    [
      "Vertex",
      400,
      error("the input token count is 1200000 but model only supports up to 1048576."),
    ],
  ],
  too_many_requests: [
    // anomalyco/opencode#9789
    [
      "Zhipu",
      200,
      error("您当前使用该API的并发数过高，请降低并发，或联系客服增加限额。", { code: "1302" }),
    ],
    ["a gateway", 200, error("You have sent too many messages. Slow down.")],
  ],
  overloaded: [
    // NousResearch/hermes-agent#106205, openclaw/openclaw#99432
    ["Novita", 429, error("server overload, please try again later", { type: "server_overload" })],
    [
      "Azure's provisioned models",
      503,
      error("The system has high demand. Your request exceeds the maximum usage size allowed."),
    ],
    ["a gateway to Anthropic", 429, error("Overloaded", { type: "overloaded_error" })],
    ["Zhipu", 200, error("该模型当前访问量过大，请您稍后再试", { code: "1305" })],
    ["OpenRouter", 408, error("Request timed out")],
    ["nginx", 499, error("Client closed request")],
  ],
  tool_refused: [
    // ggml-org/llama.cpp#25895, vllm-project/vllm#16880, CommandCodeAI/command-code#594, MoonshotAI/kimi-cli#1773
    ["llama.cpp", 400, error("Failed to initialize samplers: failed to parse grammar")],
    ["vLLM", 400, { message: "The JSON schema contains features not supported by xgrammar." }],
    ["Kimi", 400, error("parameters is not a valid moonshot flavored json schema")],
    ["Kimi's names", 400, error("function name is invalid, must start with a letter")],
    ["Anthropic", 400, error("tools.3.custom.name: String should match pattern")],
    // QwenLM/qwen-code#11834
    ["MiniMax", 400, error("invalid params, function parameters is empty (2013)")],
  ],
  template_refused: [
    ["Perplexity's messages", 400, error("user message(s) should alternate with assistant")],
    // DEEIX-AI/DEEIX-Chat#748
    ["vLLM", 400, { message: "System message must be at the beginning." }],
    // FoundationAgents/OpenManus#580, Aider-AI/aider#1920
    [
      "Perplexity",
      400,
      error(
        "After the (optional) system message(s), user and assistant roles should be alternating.",
      ),
    ],
    [
      "Databricks",
      400,
      { error_code: "BAD_REQUEST", message: "Chat message input roles must alternate" },
    ],
    [
      "Mistral",
      400,
      error("Unexpected role 'user' after role 'tool'", { type: "invalid_request_message_order" }),
    ],
  ],
  takes_no_tools: [
    [
      "DashScope",
      400,
      error("The tool call is not supported.", { code: "invalid_parameter_error" }),
    ],
    [
      "FastAPI",
      422,
      {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "tools"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
    ],
  ],
  call_unreadable: [
    [
      "Groq",
      400,
      error("Failed to call a function.", {
        code: "tool_use_failed",
        failed_generation: "<function=a{",
      }),
    ],
    [
      "llama.cpp",
      500,
      error("Failed to parse input at pos 0: <tool_call>", { type: "server_error" }),
    ],
    // ggml-org/llama.cpp#25072
    ["llama.cpp's parsers", 500, error("The model produced output that does not match the format")],
  ],
};

const named = { name: "openai-compatible/m", keyName: "OPENAI_COMPATIBLE_API_KEY", tools: 1 };

function thrown(status: number, body: object | string): APICallError {
  const responseBody = typeof body === "string" ? body : JSON.stringify(body);
  const request = { url: "https://models.example.com", requestBodyValues: {} };
  return new APICallError({ message: "Failed", ...request, statusCode: status, responseBody });
}

describe("what a model's provider answers on refusal", () => {
  const cases = Object.entries(refusals).flatMap(([kind, all]) =>
    all.map(([provider, status, body]) => ({ kind, provider, status, body })),
  );
  test.each(cases)("is $kind, as $provider answers ($status)", ({ kind, status, body }) => {
    const said = whatWasSaid(thrown(status, body));
    expect(said && failureKind(said)).toBe(kind);
  });

  test("that concerns what the account may use does not blame the key or the model's name", () => {
    for (const [, status, body] of [
      ...(refusals.no_access ?? []),
      ...(refusals.wrong_region ?? []),
    ]) {
      const { message } = explainModelFailure(thrown(status, body), named);
      expect(message).not.toMatch(/refused Usher's key|correct its name/);
      expect(message).toMatch(/Ask an admin to (get access|choose another provider)/);
    }
  });

  test("that leaves no room beside the tools says so", () => {
    const body = error("request (9000 tokens) exceeds the available context size (4096 tokens)");
    const { message } = explainModelFailure(thrown(400, body), {
      ...named,
      tools: 60,
      mostlyTools: true,
    });
    expect(message).toMatch(/too long[^.]*\..*60 tools: ask an admin to choose fewer/);
  });

  test.each([
    ["Please retry after 20 seconds.", "Wait 20 seconds"],
    ["Please wait 43200 seconds before retrying.", "Wait 12 hours"],
    ['{"retry_after":12.5}', "Wait 13 seconds"],
    ['{"retry_after_seconds":"40"}', "Wait 40 seconds"],
  ])("names the time to wait that it gave: %s", (said, told) => {
    expect(explainModelFailure(thrown(429, said), named).message).toContain(told);
  });
});
