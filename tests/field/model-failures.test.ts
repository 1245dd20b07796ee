import { APICallError } from "ai";
import { describe, expect, test } from "vitest";
import { type FailureKind, failureKind } from "@/lib/chat/model/failure-kind";
import { explainModelFailure } from "@/lib/chat/model/model-failure";

type Said = [provider: string, status: number | null, code: string | null, words: string];

/** As providers word it, or as their documentation and bug reports quote it. */
const said: Partial<Record<FailureKind, Said[]>> = {
  too_long: [
    // anomalyco/opencode#12219
    [
      "OpenRouter's key",
      402,
      null,
      "Prompt tokens limit exceeded: 230799 > 91442. To increase, visit https://openrouter.ai/settings/keys and create a key with a higher monthly limit",
    ],
    [
      "OpenAI",
      400,
      "context_length_exceeded",
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130211 tokens.",
    ],
    [
      "OpenAI Responses",
      400,
      null,
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
    ],
    [
      "Anthropic",
      400,
      "invalid_request_error",
      "prompt is too long: 215000 tokens > 200000 maximum",
    ],
    [
      "Anthropic with output",
      400,
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    ],
    [
      "Google",
      400,
      "INVALID_ARGUMENT",
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ],
    [
      "Mistral",
      400,
      null,
      "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    ],
    // ggml-org/llama.cpp#17284
    [
      "llama.cpp",
      400,
      "exceed_context_size_error",
      "the request exceeds the available context size, try increasing it",
    ],
    [
      "vLLM",
      400,
      null,
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
    ],
    ["Ollama", 400, null, "input length exceeds the context length"],
    [
      "LM Studio",
      400,
      null,
      "The number of tokens to keep from the initial prompt is greater than the context length",
    ],
    [
      "LM Studio, older",
      400,
      null,
      "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens",
    ],
    [
      "OpenRouter",
      400,
      null,
      "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens",
    ],
    ["Groq", 413, "request_too_large", "Request Entity Too Large"],
    ["Bedrock", 400, null, "Input is too long for requested model."],
    [
      "Cohere",
      400,
      null,
      "too many tokens: total number of tokens in the prompt cannot exceed 128000",
    ],
    [
      "xAI",
      400,
      null,
      "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
    ],
    [
      "TGI",
      422,
      "validation",
      "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
    ],
    ["DeepSeek in a stream", null, null, "This model's maximum context length is 65536 tokens."],
    // tashfeenahmed/freellmapi#873
    ["Zhipu", 400, null, "Prompt exceeds max length"],
    // Kilo-Org/cloud#6329
    [
      "a gateway",
      400,
      null,
      "The request is 280913 tokens long and exceeds this model's context length of 262144 tokens.",
    ],
    // continuedev/continue#10218, autohandai/code-cli#377: above the limit of a minute on its own
    [
      "Groq",
      413,
      "rate_limit_exceeded",
      "Request too large for model `llama` on tokens per minute (TPM): Limit 12000, Requested 14137, please reduce your message size and try again. Need more tokens? Upgrade at https://console.groq.com/settings/billing",
    ],
    // TheR1D/shell_gpt#653
    [
      "OpenAI's rate",
      429,
      "rate_limit_exceeded",
      "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced in order to run successfully.",
    ],
  ],
  too_many_tools: [
    [
      "OpenAI",
      400,
      "array_above_max_length",
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 140 instead.",
    ],
    [
      "Google",
      400,
      "INVALID_ARGUMENT",
      "The number of function declarations must be at most 512 functions",
    ],
    ["Groq", 400, null, "maximum number of tools is 128"],
  ],
  no_credit: [
    [
      "OpenAI",
      429,
      "insufficient_quota",
      "You exceeded your current quota, please check your plan and billing details.",
    ],
    [
      "Anthropic",
      400,
      "invalid_request_error",
      "Your credit balance is too low to access the Anthropic API.",
    ],
    ["OpenRouter", 402, null, "Insufficient credits"],
    ["DeepSeek", 402, null, "Insufficient Balance"],
    ["xAI", 403, null, "Your team has run out of credits"],
    // continuedev/continue#10062: waiting as told would not help
    [
      "Google, a plan without the model",
      429,
      "RESOURCE_EXHAUSTED",
      "You exceeded your current quota, please check your plan and billing details. Quota exceeded for metric: free_tier_requests, limit: 0, model: gemini-2.5-pro. Please retry in 20.04s.",
    ],
  ],
  limit_reached: [
    // anthropics/claude-code#38035
    [
      "Anthropic",
      400,
      "invalid_request_error",
      "You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00 UTC.",
    ],
    ["OpenRouter", 403, null, "Key limit exceeded (total limit)."],
    ["a plan", 402, null, "You have reached your monthly limit."],
    [
      "LiteLLM",
      400,
      "budget_exceeded",
      "Budget has been exceeded! Current cost: 1.2, Max budget: 1",
    ],
  ],
  key_refused: [
    ["OpenAI", 401, "invalid_api_key", "Incorrect API key provided"],
    ["Anthropic", 401, "authentication_error", "invalid x-api-key"],
    ["Google", 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."],
    [
      "Anthropic's permissions",
      403,
      "permission_error",
      "Your API key does not have permission to use the specified resource.",
    ],
  ],
  wrong_address: [
    ["Ollama without /v1", 404, null, "404 page not found"],
    ["vLLM without /v1", 404, null, '{"detail":"Not Found"}'],
    ["Express", 404, null, "<!DOCTYPE html><pre>Cannot POST /chat/completions</pre>"],
    // zeenie-ai/OpenCompany#114
    ["LM Studio", null, null, "Unexpected endpoint or method. (POST /chat/completions)"],
    // QwenLM/qwen-code#6465
    ["a page with 200", null, null, "<html><body>Blocked</body></html>"],
  ],
  template_refused: [
    // eclipse-theia/theia#17104, mistralai/mistral-vibe#1006
    [
      "llama.cpp",
      500,
      "server_error",
      "Error: Jinja Exception: After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.",
    ],
    // lmstudio-ai/lmstudio-bug-tracker#1054
    [
      "LM Studio",
      400,
      null,
      'Error rendering prompt with jinja template: "Only user and assistant roles are supported!"',
    ],
    ["vLLM", 400, "BadRequestError", "System role not supported"],
  ],
  no_such_model: [
    [
      "OpenAI",
      404,
      "model_not_found",
      "The model `gpt-9` does not exist or you do not have access to it.",
    ],
    ["Anthropic", 404, "not_found_error", "model: claude-9"],
    ["Ollama", 404, null, 'model "llama9" not found, try pulling it first'],
    ["OpenRouter", 400, null, "acme/model-9 is not a valid model ID"],
    ["LM Studio", 400, null, "No models loaded. Please load a model in the developer page"],
  ],
  too_many_requests: [
    [
      "OpenAI",
      429,
      "rate_limit_exceeded",
      "Rate limit reached for gpt-5 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
    ],
    [
      "Anthropic",
      429,
      "rate_limit_error",
      "This request would exceed your organization's rate limit of 50 requests per minute",
    ],
    ["Google", 429, "RESOURCE_EXHAUSTED", "You exceeded your current rate of requests per minute"],
    ["in a stream", null, "rate_limit_exceeded", "Rate limit reached"],
    // elizaOS/eliza#4040
    [
      "Groq with an offer",
      429,
      "rate_limit_exceeded",
      "Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s. Upgrade at https://console.groq.com/settings/billing",
    ],
    [
      "Google, free of charge",
      429,
      "RESOURCE_EXHAUSTED",
      "You exceeded your current quota, please check your plan and billing details. Quota exceeded for metric: free_tier_requests, limit: 10. Please retry in 36.2s.",
    ],
    // anomalyco/opencode#13015, anomalyco/opencode#39621
    ["Bedrock", null, "throttlingexception", "Too many tokens, please wait before trying again."],
    ["Bedrock by the day", null, null, "Too many tokens per day, please wait before trying again."],
    ["Cerebras", null, null, "Tokens per minute limit exceeded - too many tokens processed"],
  ],
  overloaded: [
    ["Anthropic", 529, "overloaded_error", "Overloaded"],
    ["Anthropic in a stream", null, "overloaded_error", "Overloaded"],
    ["OpenAI", 503, null, "The server is overloaded or not ready yet."],
    ["Google", 503, "UNAVAILABLE", "The model is overloaded. Please try again later."],
    ["Groq", 498, null, "Flex tier capacity exceeded"],
    ["a proxy", 502, null, "<html>Bad Gateway</html>"],
    [
      "OpenAI in a stream",
      null,
      "server_error",
      "The server had an error while processing your request.",
    ],
  ],
  refused: [
    // aaif-goose/goose#9831
    [
      "a gateway",
      400,
      "invalid_request_error",
      "Requested max_tokens exceeds the model output limit",
    ],
    ["Groq", 400, null, "This model supports at most 1 image per prompt, but 2 were given."],
    ["Anthropic", 400, null, "messages.0.content.1.image: image exceeds 5 MB maximum"],
    ["OpenAI", 400, null, "Too many images in request. Max is 50."],
  ],
  image_refused: [
    ["OpenRouter", 404, null, "No endpoints found that support image input"],
    ["OpenAI", 400, null, "Invalid content type. image_url is only supported by certain models."],
    ["vLLM", 400, null, "At most 0 image(s) may be provided in one request."],
    ["Ollama", 400, null, "this model is missing data required for image input"],
    ["LM Studio", 400, null, "Model does not support images. Please use a model that does."],
  ],
  takes_no_tools: [
    ["OpenRouter", 404, null, "No endpoints found that support tool use."],
    ["Together", 400, null, "Function calling is not supported by this model"],
    ["Ollama", 400, null, "registry.ollama.ai/library/phi does not support tools"],
    // vllm-project/vllm#9986
    [
      "vLLM",
      400,
      "BadRequestError",
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ],
  ],
  tool_refused: [
    [
      "OpenAI",
      400,
      "invalid_function_parameters",
      "Invalid schema for function 'a': array schema missing items.",
    ],
    [
      "Anthropic",
      400,
      "invalid_request_error",
      "tools.0.custom.input_schema: JSON schema is invalid.",
    ],
    [
      "Google",
      400,
      "INVALID_ARGUMENT",
      "* GenerateContentRequest.tools[0].function_declarations[3].parameters.properties[x].items: missing field.",
    ],
  ],
  filtered: [
    [
      "Azure",
      400,
      "content_filter",
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    ],
    [
      "OpenAI",
      400,
      "content_policy_violation",
      "Your request was rejected as a result of our safety system.",
    ],
  ],
};

describe("what a model's provider says on failure", () => {
  const cases = Object.entries(said).flatMap(([kind, all]) =>
    all.map(([provider, status, code, words]) => ({ kind, provider, status, code, words })),
  );
  test.each(cases)("$kind, as $provider says it ($status $code)", ({ kind, ...rest }) => {
    expect(failureKind(rest)).toBe(kind);
  });
});

describe("a failure's words", () => {
  const context = { name: "openai-compatible/m", keyName: null, tools: 1 };
  const words = (responseBody: string, statusCode: number) => {
    const request = { url: "https://models.example.com", requestBodyValues: {} };
    const error = new APICallError({ message: "Failed", ...request, statusCode, responseBody });
    return explainModelFailure(error, context).message;
  };

  test.each([
    ["Please try again in 4.77s.", "Wait 5 seconds"],
    ["Please try again in 350ms.", "Wait a second"],
    ["Please try again in 6m2.3s.", "Wait 7 minutes"],
    ["Please retry in 36.2s.", "Wait 37 seconds"],
    ["Try again in 2 hours.", "Wait 2 hours"],
    ['{"details":[{"retryDelay":"53s"}]}', "Wait 53 seconds"],
    ["Slow down.", "Wait a minute"],
  ])("name the time to wait that the provider gave: %s", (said, told) => {
    expect(words(said, 429)).toContain(told);
  });

  test("say that what was written is kept only where something was", () => {
    const broken = (wrote: boolean) =>
      explainModelFailure(new TypeError("terminated"), { ...context, wrote }).message;
    expect(broken(true)).toContain("What was written is kept.");
    expect(broken(false)).not.toContain("written");
  });

  // Gitlawb/openclaude#67, agentscope-ai/QwenPaw#433
  test.each([
    [
      '[{"error":{"code":429,"message":"Later","status":"RESOURCE_EXHAUSTED"}}]',
      "resource_exhausted",
    ],
    [
      '{"object":"error","message":"Later","type":"BadRequestError","code":"429"}',
      "badrequesterror",
    ],
  ])("have the provider's code, whatever its form: %s", (body, code) => {
    expect(words(body, 429)).toContain(`(429, ${code})`);
  });
});
