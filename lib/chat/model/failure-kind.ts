import { waitToldIn } from "@/lib/retry-after";

/** Who is at fault when a model's provider refuses, and what to do. */
export type FailureKind =
  | "too_long"
  | "too_many_tools"
  | "no_credit"
  | "limit_reached"
  | "key_refused"
  | "no_access"
  | "network_refused"
  | "wrong_region"
  | "wrong_address"
  | "template_refused"
  | "no_such_model"
  | "wrong_api"
  | "not_loaded"
  | "too_many_requests"
  | "overloaded"
  | "image_refused"
  | "takes_no_tools"
  | "tool_refused"
  | "call_unreadable"
  | "filtered"
  | "refused";

/** Usher's words for a successful response that is neither an answer nor a failure. */
export const noModelAnswer = "This is not an answer of a model's API.";

/** Of one request, as OpenAI has it. */
const commonToolLimit = 128;

const contextLimit = /context[_ -]?(length|window|size|limit|overflow)/i;
/**
 * A conversation that is too long, in the words of OpenAI, Anthropic, Google, Mistral, Cohere, llama.cpp,
 * vLLM, Ollama, LM Studio, OpenRouter and Bedrock: too much, or an end, of context, prompt, input or tokens.
 */
const tooLong = [
  contextLimit,
  /(maximum|max|available|exceed\w*|over|beyond|longer than|larger than|greater than|fit)[^.]{0,60}\b(context|tokens?)\b/i,
  /\b(prompt|input|request|conversation|messages?|sequence)\b(?!")[^.]{0,40}\b(is |are )?(too (long|large|big|many tokens)|exceeds?)\b/i,
  /\btoo many (input |prompt |total )?tokens\b/i,
  /tokens?[^.]{0,40}(exceed|greater than|more than|above)/i,
  /\binputs?`? tokens\b[^.]{0,60}(<=?|must be|at most)/i,
  /\btokens?\b[^.]{0,40}\b(only )?supports? (only )?up to\b|\brange of input length\b/i,
  /\bmax_seq_len\b|\bmax(imum)? (input|prompt|model) length\b|超长|(长度|token ?数)[^。]{0,9}超过|超过[^。]{0,9}长度/i,
  /reduce the length|shorten (your|the) (input|prompt)|truncate/i,
];
/** How long the answer may be, which no shorter conversation changes. */
const answerLimit = /\bmax_(completion_|output_|new_)?tokens\b|\boutput (token )?limit\b/i;
const rates =
  /\b(rate|requests?|quota|limit|tokens)\b[^.]{0,40}\bper (minute|day|hour|second)\b|\b(tpm|rpm)\b/i;
const tooManyRequests =
  /rate[_ -]?limit|too many (requests|messages)|slow down|resource[_ ]exhausted|throttl|wait before trying again|并发数过高|请求过(多|于频繁)|速率限制/i;
/** A single request above what is allowed in a minute, or what a key may still spend: waiting does not help. */
const aboveRate =
  /\brequest too large\b|reduce your message size|input or output tokens must be reduced|\bprompt tokens limit exceeded\b/i;
/** With a time to wait it is no lack of credit, although the same sentence often mentions billing. */
const waits = /\b(try again|retry) in ["']?[\d.]+ ?(ms|s|m|h)|"retryDelay"|rate_limit_exceeded/i;
/** Of a plan that does not include the model. */
const noQuotaAtAll = /\blimit: 0\b/;

/**
 * @param words everything the provider said; they take precedence over the status, which is often 400 or 200
 * @param retryAfterMs where the headers say how long to wait
 */
export function failureKind({
  status,
  code,
  words,
  retryAfterMs = null,
}: {
  status: number | null;
  code: string | null;
  words: string;
  retryAfterMs?: number | null;
}): FailureKind {
  const says = (patterns: RegExp | readonly RegExp[]) =>
    [patterns].flat().some((pattern) => pattern.test(code ?? "") || pattern.test(words));
  if (code === "insufficient_quota") return "no_credit";
  if (says(aboveRate)) return "too_long";
  if (status === 402 && (says(noCredit) || !says(spendingLimit))) return "no_credit";
  if (says(spendingLimit)) return "limit_reached";
  if (says(noCredit) && (!says(waits) || says(noQuotaAtAll))) return "no_credit";
  const wait = retryAfterMs ?? waitToldIn(words) ?? Number.POSITIVE_INFINITY;
  const isBrief = wait < 3_600_000 || says(perMinute) || (says(rateLimit) && !says(longPeriod));
  if (says(usedUp) && !isBrief && !says(contextLimit)) return "limit_reached";
  // Some servers refuse by these whenever they are busy, and say it in words of another kind.
  if ((status === 429 || status === 503) && says(/overload|high demand/i)) return "overloaded";
  if (status === 429 || says(tooManyRequests) || says(rates)) return "too_many_requests";
  if (says(callUnreadable)) return "call_unreadable";
  if (says(wrongRegion)) return "wrong_region";
  const isOfAnswer = says(answerLimit) && !says(contextLimit) && !says(/\b(prompt|input)s?\b/i);
  if (status === 413 || (says(tooLong) && !isOfAnswer)) return "too_long";
  if (
    says(
      /\b(too many|number of|maximum|at most|limit)\b[^.]{0,40}\b(tools|functions)\b|array_above_max_length/i,
    )
  ) {
    return "too_many_tools";
  }
  if ((status === 401 || status === 403) && says(networkRefused)) return "network_refused";
  if (says(wrongApi)) return "wrong_api";
  if (says(noAccess)) return "no_access";
  if (status === 401 || says(keyRefused)) return "key_refused";
  if (says(templateRefused) || says(wrongOrder)) return "template_refused";
  // From a gateway that finds no provider, with any status.
  if (says(takesNoImages)) return "image_refused";
  if (says(takesNoTools)) return "takes_no_tools";
  if ((status ?? 0) < 500 && (says(wrongAddress) || words.includes(noModelAnswer))) {
    return "wrong_address";
  }
  if (says(notLoaded)) return "not_loaded";
  if (status === 404 || status === 410 || says(unknownModel)) return "no_such_model";
  if (status !== null && gaveUp.has(status)) return "overloaded";
  const isRefusal = status !== null && status >= 400 && status < 500;
  // A gateway's own type, with any status; it says nothing about a refusal.
  if (says(overloaded) || (!isRefusal && says(serverError))) return "overloaded";
  if (status !== null && status >= 500) return "overloaded";
  if (says(imageLimit)) return "refused";
  if (says(/\b(images?|vision|multimodal|image_url)\b/i)) return "image_refused";
  if (says(filtered)) return "filtered";
  if (says(toolRefused)) return "tool_refused";
  if (status === 403) return "key_refused";
  return "refused";
}

const noCredit = [
  /insufficient[_ ](user[_ ])?(quota|balance|funds|credits?)|\bbalance is (insufficient|too low)/i,
  /exceeded your current quota|credit balance|billing|payment required|out of credits?|no credits?|\bhave any credits?\b/i,
  /\barrearage\b|\boverdue\b|\bpast due\b|account is in good standing|\btop up\b|\brecharge\b|extra usage is required|\bno quota\b|\bcredit card on file\b/i,
  /(?<![a-z])credits?(?! card)[^.]{0,30}(exhausted|used up|depleted|exceeded|run out|spent|consumed)/i,
  /\b(used (up|all)|exhausted|r[au]n out of|consumed|spent|exceeded|not enough)\b[^.]{0,30}\b(credits?(?! card)|funds)\b/i,
  /\bfree (tier|quota|allocation)\b[^.]{0,60}\bexhausted\b|\bused up\b[^.]{0,40}\bfree\b/i,
  /余额不足|额度不足|欠费|充值/i,
];

/** Of money or of a plan's use, for a day or longer. */
const spendingLimit = [
  /\b(reach(ed|ing)|exceeded|hit)\b[^.]{0,30}\b((usage|session|weekly|monthly|inference|spend(ing)?) (limits?|caps?)|budgets?)\b/i,
  /\b(key limit|budget|usage[_ ]limit)[_ ](has been )?(exceeded|reached)\b|\blimit exhausted\b|\bbilling_hard_limit/i,
  /\bquota[_ ][^.]{0,30}reached\b|\blimited to [\d,]+ [^.]{0,20}\/ ?(day|month)\b|使用上限/i,
];
const period =
  /(?<![a-z])(daily|weekly|monthly|hourly|annual|yearly|\d+-hour|plan|usage|account|subscription|trial|spend(ing)?|consumption)/
    .source;
const amount = `(quota|allowance|(?<!memory )allocat(ion|ed)|allot(ment|ted)|(daily|weekly|monthly|yearly) (spend|usage|budget|tokens|requests)|${period}[^.]{0,20}(limit|cap(?![a-z]))|limit[^.]{0,10}\\b(per|for( the| this)?) (day|today|week|month))`;
const gone =
  /(exceed|exhausted|used[ _]up|reached|(?<![a-z])hit(?![a-z])|depleted|consumed|spent|r[au]n[ _]out|insufficient|not enough)/
    .source;
/** The same in other words, unless it is over within minutes. */
const usedUp = [
  new RegExp(`${amount}[^.]{0,40}${gone}|${gone}[^.]{0,30}${amount}`, "i"),
  /\b(hit|reached|exceeded) your limit\b|quota\b[^.]{0,30}\b(zero|0 (left|remaining))\b/i,
  /\bused (up )?all\b[^.]{0,30}\b(tokens|requests|messages|calls)\b/i,
  /\b(out of|no (more|remaining)) (quota|tokens|requests|usage|allowance)\b/i,
  /(额度|配额|限额)[^。]{0,9}(用完|用尽|耗尽|超出|超过|上限)|(超出|超过|用完)[^。]{0,9}(额度|配额|限额)/,
];
const perMinute = /per[ _-]?(minute|min|second|sec)(?![a-z])|(?<![a-z])[tr]p[ms](?![a-z])/i;
const rateLimit = /\brate[ -]limit|rate_limit_exceeded|throttl|slow down/i;
const longPeriod = /daily|weekly|monthly|annual|yearly|today|tomorrow|\b(day|week|month|year)\b/i;
/** The model wrote a call that its own server cannot read. Another attempt may succeed. */
const callUnreadable =
  /\btool_use_failed\b|\bmodel produced output that does not match\b|\bfailed to call a function\b|\btool call validation failed\b|\bfailed to parse (the )?(tool call|function call|input at pos)/i;
const wrongRegion =
  /unsupported_country|\b(country|region|location|territory)\b[^.]{0,40}\bnot (supported|available|allowed)|\bnot (supported|available|allowed) in ((your|this) )?(country|region|location)\b/i;
/** The key is valid, but may not use this model. */
const noAccess = [
  /\b(access|permission)( (to|for|on))?( (the|this))? model\b|\bno_access\b|model_access_denied/i,
  /\bblocked at the (project|organi[sz]ation) level|\bmust be verified\b|\brequires a subscription\b/i,
  /\bdata policy\b|\bno endpoints (found|available) that satisfy\b|\bterms acceptance\b|\bdisabled by your organi[sz]ation\b|\bno allowed providers\b|\bpermission '[^']+' denied|\bhas not been used in project\b/i,
  /\bnot (yet )?available for (this|your|integrator) ?(subscription|plan|\\?")|\bonly (available|authorized) for (use with|coding)\b/i,
  /\bnot activated the model\b|\bby any provider you have enabled\b|\bhas been denied access\b|\bmodel access is denied\b/i,
];
/** The key is valid, but not from where Usher runs. */
const networkRefused =
  /\bvirtual network\b|\bfirewall rules\b|\bprivate endpoint\b|\bip_not_authorized\b|\bip( address)? is not (authorized|allowed)\b/i;
/** The model answers, but by another of the provider's APIs. */
const wrongApi =
  /\bunsupported_api_for_model\b|\bonly supported in v1\/|\bnot (supported|accessible) (via|in|by) the \/?(v1\/)?(chat\/completions|responses)\b/i;
const templateRefused =
  /\bjinja\b|chat[_ ]template|system role (is )?not supported|\bsystem message must be at the (beginning|start)\b/i;
const toolRefused = [
  /invalid (schema|function|tool)|function_parameters|input_schema|function_declarations|\btools\.\d+\.\w/i,
  /\bfunction (name|parameters?) (is|are) (invalid|empty)\b|\bflavou?red json schema\b/i,
  // A server of open models makes a grammar from the schemas.
  /\bjson schema\b[^.]{0,40}\b(not supported|conversion failed)\b|\bparse grammar\b/i,
];
/** From a chat template, or from an API with the same rule. */
export const wrongOrder =
  /\b(roles?|messages?(\(s\))?) (must|should) (be )?alternat|\bunexpected role '?\w+'? after\b|message_order/i;
/** A lasting problem between the server and the model. */
const notLoaded =
  /\brequires more (system |gpu )?memory\b|\b(failed|unable) to load (the )?model\b|\bmodel (loading was stopped|has crashed)|\bout of memory\b|\brunner (process )?has (unexpectedly stopped|terminated)/i;
/** The server, or something in front of it, stopped waiting. */
const gaveUp: ReadonlySet<number> = new Set([408, 425, 499]);
const filtered =
  /content[_ ](policy|filter)|moderation|safety|blocked by|data_?inspection|inappropriate content|content exists risk|\b(was|been) flagged\b|new_sensitive|sensitive ?(information|content)|prohibited_content|\bguardrails?\b|\bcontains pii\b|敏感|违规|不安全/i;
/** The words of whatever else answers there, often to a base URL without `/v1`. */
const wrongAddress =
  /\bpage not found\b|"detail": ?"(not found|method not allowed)"|\bcannot (post|get) \/|unexpected endpoint|invalid url \((post|get)|<!doctype html|<html|\bresource not found\b|\bapi-version\b/i;
const keyRefused =
  /authentication[_ ]error|unauthori[sz]ed|unauthenticated|\b(invalid|incorrect|expired|missing|no)( \w+)?[_ ](api[_ -]?|x-api-)key|\bapi[_ -]?key\b[^.]{0,30}\b(not valid|invalid|incorrect|missing|expired|revoked|required)\b|\blogin fail|\borgani[sz]ation[_ ](has been |is )?(disabled|restricted)|\bsecurity token included in the request\b/i;
const unknownModel = [
  /model[_ ]not[_ ](found|available|supported)|\bmodel disabled\b|\bmultiple models are loaded\b|\bllm provider not provided\b/i,
  /\bmodel( ['"`]?[^\s'"`]+['"`]?)? is not supported\b/i,
  /\b(unknown|no such|invalid|not a valid) model\b|\bno models? (is |are )?(loaded|found)/i,
  /\bmodel\b.{0,80} (not exist|not found|decommissioned|end of life|no longer (available|supported))/i,
  /\bmodel identifier is invalid|on-demand throughput|\bnot a chat model\b|\bnot work with the specified model\b|模型不存在/i,
];
const noSupport = /(does(n't| not)|do not|don't|cannot|no|not|only) (support|accept|handle)/.source;
const takesNoImages = new RegExp(
  `${noSupport}\\w* [^.]{0,20}\\b(images?|vision|multimodal)\\b|no endpoints [^.]{0,40}\\bimages?\\b|\\bimages? (inputs? )?(is|are) not (supported|allowed)`,
  "i",
);
/** Of a model that takes images, but not these: the provider's words say what is too much. */
const imageLimit =
  /\b(at most|up to|maximum of|limit of|limited to|no more than) [1-9]\d* [^.]{0,20}\bimages?\b|\btoo many images\b|\bimages?\b[^.]{0,60}\b(too (large|big|many)|exceeds?|dimensions?)\b/i;
const takesNoTools = new RegExp(
  `${noSupport}\\w* [^.]{0,20}\\b(tools?|functions?)\\b|no endpoints [^.]{0,40}\\btools?\\b|\\b(tools?|tool (use|calls?|calling|choice)|function calling)['"]? (is|are) not (supported|allowed|enabled)|\\btool choice requires\\b|extra_forbidden[^}]{0,40}"tools"`,
  "i",
);
const overloaded =
  /overload|server[_ ]busy|capacity|temporarily|unavailable|\btimed out\b|upstream connect error|访问量过大|稍后再试|繁忙/i;
const serverError = /api_error|server_error|internal server ?(error|exception)/i;

/** Whether the same request is refused again, whatever its status says. */
export function isRefusedAgain(kind: FailureKind): boolean {
  return kind === "no_credit" || kind === "limit_reached" || kind === "too_long";
}

/** Mentioned only if it may be the cause: the provider named none. */
export function mayBeTooManyTools(kind: FailureKind, tools: number): boolean {
  return kind === "refused" && tools > commonToolLimit;
}
