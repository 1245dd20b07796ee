import { Moment } from "@/components/mcp-servers/detail/shared-connection-card";
import {
  registrationNames,
  registrationReasons,
} from "@/components/mcp-servers/registration-words";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import type { OAuthClientView } from "@/lib/contracts/servers/mcp-server";

/** What Usher does with the issuer when somebody authorizes; null: a person registered it. */
const intents = {
  PRE_REGISTERED: null,
  METADATA_DOCUMENT: "It presents its metadata document to",
  DYNAMIC: "It registers with",
} as const satisfies Record<OAuthClientView["registration"], string | null>;

/** Where, when and why Usher registered automatically. */
export function RegistrationCard({ client }: { client: OAuthClientView }) {
  const { registration, registered, issuer, hasClientSecret } = client;
  const intent = intents[registration];
  if (intent === null) return null;
  return (
    <Card>
      <CardHeader title="Registration" description={registrationNames[registration]} />
      {registered ? (
        <Registered registered={registered} hasClientSecret={hasClientSecret} />
      ) : (
        <CardBody className="text-muted text-sm">
          Usher is not registered yet. {intent}{" "}
          <span className="font-mono text-text text-xs [overflow-wrap:anywhere]">{issuer}</span>{" "}
          when somebody authorizes.
        </CardBody>
      )}
    </Card>
  );
}

function Registered({
  registered,
  hasClientSecret,
}: {
  registered: NonNullable<OAuthClientView["registered"]>;
  hasClientSecret: boolean;
}) {
  const { issuer, at, because, secretExpiresAt, forgotten } = registered;
  const { words, earlier } = registrationReasons[because];
  return (
    <>
      {forgotten ? (
        <CardBody className="border-border border-b p-3">
          <Callout tone="warning" title="The provider no longer recognizes this client">
            Authorize again. Usher then registers again automatically.
          </Callout>
        </CardBody>
      ) : earlier ? (
        <CardBody className="border-border border-b p-3">
          <Callout title="Usher registered again">
            {words} Access granted to the previous client has ended.
          </Callout>
        </CardBody>
      ) : null}
      <DefinitionList
        items={[
          {
            term: "Issuer",
            value: (
              <span className="font-mono text-xs tracking-tight [overflow-wrap:anywhere]">
                {issuer}
              </span>
            ),
          },
          { term: "Registered", value: <Moment value={at} relative /> },
          { term: "Why", value: earlier ? null : words },
          {
            term: "Secret",
            value: secretExpiresAt ? (
              <span>
                Expires <Moment value={secretExpiresAt} relative />. Usher registers again on the
                next authorization after that.
              </span>
            ) : hasClientSecret ? (
              "Does not expire"
            ) : (
              "None: a public client, protected by PKCE"
            ),
          },
        ]}
      />
    </>
  );
}
