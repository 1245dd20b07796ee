import { type TokenEndpointAuthMethod, usesClientSecret } from "./oauth-client";
import { type ProviderPreset, presetFor } from "./provider-presets";

/** The OAuth section of the form, extra parameters already read. */
export interface ClientSettings {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** Whether a secret is stored or typed. */
  readonly hasClientSecret: boolean;
  readonly scope: string | null;
  readonly extraAuthorizationParameters: Readonly<Record<string, string>>;
  readonly resourceIndicator: boolean;
}

/** Something that will probably not work as configured; saving is allowed regardless. */
export interface LintWarning {
  readonly field: keyof ClientSettings | "clientSecret";
  /** What is odd, what follows from it, and what to do. */
  readonly message: string;
}

/**
 * Checks for common omissions, by what is known about the provider. No request is made.
 * @param vendorServerKnown the catalogue knows the MCP server. Presets are about the REST APIs of providers,
 * and would contradict it.
 */
export function lintClient(settings: ClientSettings, vendorServerKnown = false): LintWarning[] {
  const preset = vendorServerKnown ? null : presetFor(settings.authorizationEndpoint);
  return [...lintAnyClient(settings), ...(preset ? lintByPreset(settings, preset) : [])];
}

function lintAnyClient(settings: ClientSettings): LintWarning[] {
  const warnings: LintWarning[] = [];
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint } = settings;
  if (authorizationEndpoint !== "" && authorizationEndpoint === tokenEndpoint) {
    warnings.push({
      field: "tokenEndpoint",
      message:
        "The Token URL is the same as the Authorization URL. Every provider has two different addresses; look the Token URL up again.",
    });
  }
  if (revocationEndpoint !== null && revocationEndpoint === tokenEndpoint) {
    warnings.push({
      field: "revocationEndpoint",
      message:
        "The Revocation URL is the same as the Token URL. Leave it empty if the provider has none.",
    });
  }
  if (settings.tokenEndpointAuthMethod === "NONE" && settings.hasClientSecret) {
    warnings.push({
      field: "tokenEndpointAuthMethod",
      message:
        "There is a client secret, but with the method None it is not sent. Choose Basic or POST, or remove the secret.",
    });
  }
  if (usesClientSecret(settings.tokenEndpointAuthMethod) && !settings.hasClientSecret) {
    warnings.push({
      field: "clientSecret",
      message:
        "The client authentication method needs a client secret. Enter it, or choose None for a public client.",
    });
  }
  return warnings;
}

function lintByPreset(settings: ClientSettings, preset: ProviderPreset): LintWarning[] {
  const warnings: LintWarning[] = [];
  const given = parametersOf(settings);
  for (const { name, value, without } of preset.extraAuthorizationParameters) {
    // One parameter may contain several values, as in prompt=select_account consent.
    if (given.get(name)?.split(" ").includes(value)) continue;
    warnings.push({
      field: "extraAuthorizationParameters",
      message: `${preset.name} needs ${name}=${value} as an extra parameter. Without it ${without}.`,
    });
  }
  const scopes = (settings.scope ?? "").split(/[\s,]+/);
  const [refreshScope] = preset.refreshScopes;
  if (refreshScope !== undefined && !preset.refreshScopes.some((one) => scopes.includes(one))) {
    warnings.push({
      field: "scope",
      message: `${preset.name} gives a refresh token only with the scope ${refreshScope}. Without it everybody must authorize again whenever the access ends.`,
    });
  }
  if (settings.resourceIndicator && preset.resourceProblem !== null) {
    warnings.push({
      field: "resourceIndicator",
      message: `Turn the resource indicator off: ${preset.resourceProblem}.`,
    });
  }
  if (preset.id === "notion" && settings.tokenEndpointAuthMethod !== "CLIENT_SECRET_BASIC") {
    warnings.push({
      field: "tokenEndpointAuthMethod",
      message: "Notion takes the client secret by Basic only. Choose Basic.",
    });
  }
  return warnings;
}

/** The parameters of the authorization request: the endpoint's own query, overridden by the extra parameters. */
function parametersOf(settings: ClientSettings): ReadonlyMap<string, string> {
  const query = new URL(settings.authorizationEndpoint).searchParams;
  return new Map([...query, ...Object.entries(settings.extraAuthorizationParameters)]);
}
