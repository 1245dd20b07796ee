import { describe, expect, test } from "vitest";
import { type FailureKind, failureKind } from "@/lib/chat/model/failure-kind";

type Said = [provider: string, status: number | null, code: string | null, words: string];

/** As providers word it, or as their documentation and bug reports quote it. */
const said: Record<Exclude<FailureKind, "refused">, Said[]> = {
  too_long: [
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
  image_refused: [
    ["OpenRouter", 404, null, "No endpoints found that support image input"],
    ["OpenAI", 400, null, "Invalid content type. image_url is only supported by certain models."],
    ["vLLM", 400, null, "At most 0 image(s) may be provided in one request."],
    ["Ollama", 400, null, "this model is missing data required for image input"],
    ["LM Studio", 400, null, "Model does not support images. Please use a model that does."],
  ],
  tool_refused: [
    ["OpenRouter", 404, null, "No endpoints found that support tool use."],
    ["Together", 400, null, "Function calling is not supported by this model"],
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
    ["Ollama", 400, null, "registry.ollama.ai/library/phi does not support tools"],
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
