import { zodResolver } from "@hookform/resolvers/zod";
import type { Resolver } from "react-hook-form";
import { parseExtraParameters } from "@/lib/contracts/servers/extra-parameters";
import { asksForKeys, startsProgram, storedCredential } from "@/lib/contracts/servers/kinds";
import {
  type McpServerDetail,
  type McpServerInput,
  mcpServerInput,
} from "@/lib/contracts/servers/mcp-server";
import { usesClientSecret } from "@/lib/contracts/servers/oauth-client";
import { parseUrl } from "@/lib/parse-url";
import { registersByItself, relevantValues } from "./server-form-values";
import { secretDemands } from "./stored-secrets";

type Fields = Record<string, string>;

/**
 * What the contract requires, and what else can be checked without the server: URLs, and secrets
 * that have to be typed. The server checks everything again.
 */
export function serverFormResolver(
  stored: McpServerDetail | null,
  allowHttpLoopback: boolean,
): Resolver<McpServerInput> {
  const schema = mcpServerInput.superRefine((values, context) => {
    const problems = {
      ...addressProblems(values, allowHttpLoopback),
      ...secretProblems(stored, values),
      ...parameterProblems(values),
    };
    for (const [field, message] of Object.entries(problems)) {
      context.addIssue({ code: "custom", path: field.split("."), message });
    }
  });
  const resolve = zodResolver(schema);
  // The form also has the fields that others may omit.
  return (values, context, options) =>
    resolve(relevantValues(values), context, options as Parameters<typeof resolve>[2]);
}

function addressProblems(values: McpServerInput, allowHttpLoopback: boolean): Fields {
  const { url, oauth } = values;
  const addresses: Fields = {
    url,
    "oauth.authorizationEndpoint": oauth.authorizationEndpoint,
    "oauth.tokenEndpoint": oauth.tokenEndpoint,
    "oauth.revocationEndpoint": oauth.revocationEndpoint,
    "oauth.issuer": oauth.issuer,
  };
  const problems: Fields = {};
  for (const [field, address] of Object.entries(addresses)) {
    const problem = address === "" ? null : addressProblem(address, allowHttpLoopback);
    if (problem) problems[field] = problem;
  }
  return problems;
}

function addressProblem(address: string, allowHttpLoopback: boolean): string | null {
  const url = parseUrl(address);
  if (!url) {
    return "This is not a URL. Enter the full address, such as https://mcp.example.com/mcp.";
  }
  const { protocol, hostname } = url;
  if (protocol === "https:") return null;
  // The server knows which loopback addresses exist.
  if (allowHttpLoopback && protocol === "http:") return null;
  return hostname === "localhost" && protocol === "http:"
    ? "Usher connects over https only. To test on this machine, the operator can set ALLOW_HTTP_LOOPBACK."
    : "Usher connects over https only, so that tokens cannot be read on the way. Use an address that starts with https://.";
}

function parameterProblems({ oauth }: McpServerInput): Fields {
  const read = parseExtraParameters(oauth.extraAuthorizationParameters);
  return read.ok ? {} : { "oauth.extraAuthorizationParameters": read.problem };
}

function secretProblems(stored: McpServerDetail | null, values: McpServerInput): Fields {
  const demands = secretDemands(stored, values);
  const problems: Fields = {};
  if (startsProgram(values.transport)) {
    const empty = values.environment.trim() === "" && !values.clearEnvironment;
    if (empty && demands.environment) problems.environment = demands.environment;
    return problems;
  }
  const credential = storedCredential(values);
  switch (credential) {
    case "nothing":
      break;
    case "headers":
      if (asksForKeys({ ...values, headerSharing: values.headerSharing ?? "SHARED" })) {
        if (!values.settings?.personalHeaders?.trim()) {
          problems["settings.personalHeaders"] =
            "Name at least one header, such as X-Api-Key or Authorization: Bearer.";
        }
      } else if (values.headers.trim() === "") {
        const kept = stored !== null && stored.headerNames.length > 0 && !values.clearHeaders;
        if (!kept) problems.headers = "Enter at least one header, as Name: value.";
        else if (demands.headers) problems.headers = demands.headers;
      }
      break;
    case "oauth-client": {
      const { clientSecret, tokenEndpointAuthMethod } = values.oauth;
      if (registersByItself(values.oauth)) break;
      if (!usesClientSecret(tokenEndpointAuthMethod) || clientSecret.trim() !== "") break;
      if (!stored?.oauthClient?.hasClientSecret) {
        problems["oauth.clientSecret"] =
          "Enter the client secret. For a public client, set client authentication to None under Advanced.";
      } else if (demands.clientSecret) problems["oauth.clientSecret"] = demands.clientSecret;
      break;
    }
    default:
      credential satisfies never;
  }
  return problems;
}
