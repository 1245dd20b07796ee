import type { IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import { consentPage, problemPage } from "@/demo/authorization-server/consent-page";
import { finishInteraction, showPage } from "@/demo/authorization-server/interaction";
import { findPerson, PEOPLE } from "@/demo/authorization-server/people";
import { readForm } from "@/demo/authorization-server/read-form";

type Middleware = Parameters<Provider["use"]>[0];
type Context = Parameters<Middleware>[0];
type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** Serves `/interaction/…`, where oidc-provider sends a browser that must decide. */
export function consent(
  provider: Provider,
  resourceName: (resource: string) => string | undefined,
): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith("/interaction/")) return next();
    const interaction = await provider
      .interactionDetails(context.req, context.res)
      .catch(() => null);
    if (!interaction) {
      return showPage(
        context,
        400,
        problemPage(
          "This request for consent is over: it was answered, or it waited for too long.",
          "Go back to where you came from and start the authorization again.",
        ),
      );
    }
    if (context.method === "POST") return decide(provider, context, interaction);
    const client = await provider.Client.find(String(interaction.params.client_id));
    showPage(
      context,
      200,
      consentPage({
        clientName: client?.clientName ?? "This application",
        resourceNames: resources(interaction).map((uri) => resourceName(uri) ?? uri),
        scopes: scopes(interaction),
        people: PEOPLE,
        chosen: findPerson(String(interaction.params.login_hint))?.accountId ?? "ada",
        redirectUri: String(interaction.params.redirect_uri),
      }),
    );
  };
}

async function decide(provider: Provider, context: Context, interaction: Interaction) {
  const form = await readForm(context.req as IncomingMessage);
  const person = findPerson(form.get("person") ?? undefined);
  const allowed = form.get("decision") === "allow" && person;
  const result = allowed
    ? {
        login: { accountId: person.accountId, remember: false },
        consent: { grantId: await grant(provider, interaction, person.accountId) },
      }
    : { error: "access_denied", error_description: "The person chose not to allow this." };
  await finishInteraction(provider, context, result);
}

async function grant(provider: Provider, interaction: Interaction, accountId: string) {
  const clientId = String(interaction.params.client_id);
  const granted = new provider.Grant({ accountId, clientId });
  granted.addOIDCScope(scopes(interaction));
  for (const resource of resources(interaction)) {
    granted.addResourceScope(resource, scopes(interaction));
  }
  return granted.save();
}

function scopes({ params }: Interaction): string[] {
  return typeof params.scope === "string" ? params.scope.split(" ") : [];
}

function resources({ params }: Interaction): string[] {
  const { resource } = params;
  return (Array.isArray(resource) ? resource : [resource]).filter(
    (uri): uri is string => typeof uri === "string",
  );
}
