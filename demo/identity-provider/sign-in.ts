import type { IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import { personCard, problemPage } from "@/demo/authorization-server/consent-page";
import { finishInteraction, showPage } from "@/demo/authorization-server/interaction";
import { escapeHtml, type ProviderPage, providerPage } from "@/demo/authorization-server/page";
import type { Person } from "@/demo/authorization-server/people";
import { readForm } from "@/demo/authorization-server/read-form";

export const BRAND = "Practice identity provider";

type Middleware = Parameters<Provider["use"]>[0];
type Context = Parameters<Middleware>[0];
type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** Serves `/interaction/…`, where oidc-provider sends a browser whose person must sign in. */
export function signIn(provider: Provider, people: () => readonly Person[]): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith("/interaction/")) return next();
    const interaction = await provider
      .interactionDetails(context.req, context.res)
      .catch(() => null);
    if (!interaction) {
      const what = "This sign-in is over: it was answered, or it waited for too long.";
      const again = "Go back to where you came from and sign in again.";
      return showPage(context, 400, problemPage(what, again, BRAND));
    }
    if (context.method === "POST") return decide(provider, context, interaction, people());
    const client = await provider.Client.find(String(interaction.params.client_id));
    showPage(
      context,
      200,
      signInPage(client?.clientName ?? "This application", interaction, people()),
    );
  };
}

async function decide(
  provider: Provider,
  context: Context,
  interaction: Interaction,
  people: readonly Person[],
): Promise<void> {
  const form = await readForm(context.req as IncomingMessage);
  const person = people.find(({ accountId }) => accountId === form.get("person"));
  const result =
    form.get("decision") === "allow" && person
      ? {
          login: { accountId: person.accountId, remember: false },
          consent: { grantId: await grant(provider, interaction, person.accountId) },
        }
      : { error: "access_denied", error_description: "The person pressed Cancel." };
  await finishInteraction(provider, context, result);
}

/** An admin has consented for everyone, as at a company's identity provider. */
async function grant(provider: Provider, { params }: Interaction, accountId: string) {
  const granted = new provider.Grant({ accountId, clientId: String(params.client_id) });
  granted.addOIDCScope(String(params.scope));
  return granted.save();
}

function signInPage(
  clientName: string,
  { params }: Interaction,
  people: readonly Person[],
): ProviderPage {
  const client = escapeHtml(clientName);
  const { origin } = new URL(String(params.redirect_uri));
  const hint = String(params.login_hint);
  const hinted = people.find((person) => [person.accountId, person.email].includes(hint));
  const chosen = hinted ?? people[0];
  return providerPage(
    `Sign in to ${clientName}`,
    `<h1>Sign in to ${client}</h1>
<p>${client} will know your name and your address.</p>
<form method="post">
<fieldset>
<legend>Sign in as</legend>
${people.map((person) => personCard(person, person === chosen)).join("\n")}
</fieldset>
<div class="actions">
<button type="submit" name="decision" value="allow">Sign in</button>
<button type="submit" name="decision" value="deny">Cancel</button>
</div>
</form>
<p class="note">This is a practice identity provider for trying things out: there are no passwords, and the people are made up. Your answer goes to <code>${escapeHtml(origin)}</code>.</p>`,
    [origin],
    BRAND,
  );
}
