import type { ClientAuth } from "oauth4webapi";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { InvalidInputError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";
import { assertionType, clientAssertion } from "@/lib/oauth/client-assertion";

/**
 * Adds the client's credentials to a request, by its method.
 *
 * @returns with what must not appear in a message
 * @throws {InvalidInputError} The method needs a secret and none is stored.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export async function clientAuthentication(
  client: OAuthClient,
  now: Date,
): Promise<{ authenticate: ClientAuth; secrets: (string | null)[] }> {
  if (client.tokenEndpointAuthMethod !== "PRIVATE_KEY_JWT") {
    return { authenticate: bySecret(client), secrets: [client.clientSecret] };
  }
  const assertion = await clientAssertion(client, now);
  const authenticate: ClientAuth = (_server, _client, body) => {
    body.set("client_id", client.clientId);
    body.set("client_assertion_type", assertionType);
    body.set("client_assertion", assertion);
  };
  return { authenticate, secrets: [assertion] };
}

function bySecret(client: OAuthClient): ClientAuth {
  const { clientId, tokenEndpointAuthMethod } = client;
  if (tokenEndpointAuthMethod === "NONE") {
    return (_server, _client, body) => body.set("client_id", clientId);
  }
  const secret = client.clientSecret;
  if (secret === null || secret === "") {
    throw new InvalidInputError({
      clientSecret:
        "The client secret is missing. An admin enters it on the server's page, or sets the client authentication method to None.",
    });
  }
  if (tokenEndpointAuthMethod === "CLIENT_SECRET_POST") {
    return (_server, _client, body) => {
      body.set("client_id", clientId);
      body.set("client_secret", secret);
    };
  }
  const encode = tokenEndpointAuthMethod === "CLIENT_SECRET_BASIC" ? formEncode : asItIs;
  return (_server, _client, _body, headers) => {
    const credentials = `${encode(clientId)}:${encode(secret)}`;
    headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  };
}

function asItIs(text: string): string {
  return text;
}

/** Whether Basic sends other characters than the credentials have, which a server must decode. */
export function changesUnderEncoding(
  client: Pick<OAuthClient, "clientId"> & { clientSecret: string },
): boolean {
  return [client.clientId, client.clientSecret].some((text) => formEncode(text) !== text);
}

/**
 * What else is worth a try where a server refuses the client as it signs in: many servers do not decode
 * Basic, and some take the method that they do not name. Nothing goes anywhere else than before.
 */
export function otherAuthMethods(client: OAuthClient): TokenEndpointAuthMethod[] {
  const { clientId, clientSecret, tokenEndpointAuthMethod: chosen } = client;
  if (chosen === "NONE" || clientSecret === null) return [];
  if (!changesUnderEncoding({ clientId, clientSecret })) {
    return [chosen === "CLIENT_SECRET_POST" ? "CLIENT_SECRET_BASIC" : "CLIENT_SECRET_POST"];
  }
  const methods = ["CLIENT_SECRET_BASIC_RAW", "CLIENT_SECRET_POST", "CLIENT_SECRET_BASIC"] as const;
  return methods.filter((each) => each !== chosen);
}

/**
 * As forms are encoded, leaving `-`, `.`, `_`, `*` alone, and `~` too, which decodes to itself.
 * oauth4webapi's own Basic escapes all of those: legal, but several providers never decode, and
 * most client ids have a dash or a dot.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#appendix-B
 */
function formEncode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1).replaceAll("%7E", "~");
}
