import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";

/** Where the identity provider sends people back. */
const oidcCallbackPath = "/api/auth/callback/oidc";

export function SignInSection({
  publicUrl,
  oidcIssuer,
}: {
  publicUrl: string;
  oidcIssuer: string | null;
}) {
  return (
    <Section title="Sign-in" description="How people sign in to Usher.">
      <Card>
        <DefinitionList
          items={[
            {
              term: "Email and password",
              value: (
                <span className="grid justify-items-start gap-1">
                  <Badge tone="success">On</Badge>
                  <span className="text-muted">For people with an invitation.</span>
                </span>
              ),
            },
            {
              term: "Identity provider",
              value: oidcIssuer ? (
                <span className="grid justify-items-start gap-1">
                  <Badge tone="success">On</Badge>
                  <span className="[overflow-wrap:anywhere]">{oidcIssuer}</span>
                  <span className="text-muted">
                    Anyone who signs in there with a verified email address can use Usher, with the
                    role from their invitation or as a member.
                  </span>
                </span>
              ) : (
                <span className="grid justify-items-start gap-1">
                  <Badge>Off</Badge>
                  <span className="text-muted">
                    To let people sign in with OpenID Connect, set{" "}
                    <InlineCode>OIDC_ISSUER</InlineCode>, <InlineCode>OIDC_CLIENT_ID</InlineCode>{" "}
                    and <InlineCode>OIDC_CLIENT_SECRET</InlineCode>.
                  </span>
                </span>
              ),
            },
            {
              term: "Redirect URL",
              value: (
                <span className="grid gap-1">
                  <CopyField
                    aria-label="Redirect URL for the identity provider"
                    value={publicUrl + oidcCallbackPath}
                    copyLabel="Copy redirect URL"
                  />
                  <span className="text-muted text-xs">
                    For Usher’s client at the identity provider. MCP servers use the callback URL
                    above.
                  </span>
                </span>
              ),
            },
          ]}
        />
      </Card>
    </Section>
  );
}
