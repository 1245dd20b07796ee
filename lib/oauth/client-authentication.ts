import type { ClientAuth } from "oauth4webapi";
import { InvalidInputError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";

/**
 * Adds the client's credentials to a request, by its method.
 *
 * @throws {InvalidInputError} The method needs a secret and none is stored.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function clientAuthentication(client: OAuthClient): ClientAuth {
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
  return (_server, _client, _body, headers) => {
    const credentials = `${formEncode(clientId)}:${formEncode(secret)}`;
    headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  };
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
