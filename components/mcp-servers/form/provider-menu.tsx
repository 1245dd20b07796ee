"use client";

import { ChevronDown } from "lucide-react";
import { useFormContext } from "react-hook-form";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { TextLink } from "@/components/ui/text/text-link";
import { parameterLines } from "@/lib/contracts/servers/extra-parameters";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import { type ProviderPreset, providerPresets } from "@/lib/contracts/servers/provider-presets";

/** The client's own ID, secret and sharing stay; scopes are set to an example if there are none. */
function withPreset(oauth: OAuthClientInput, preset: ProviderPreset): OAuthClientInput {
  return {
    ...oauth,
    authorizationEndpoint: preset.authorizationEndpoint,
    tokenEndpoint: preset.tokenEndpoint,
    revocationEndpoint: preset.revocationEndpoint ?? "",
    issuer: preset.issuer ?? "",
    tokenEndpointAuthMethod: preset.tokenEndpointAuthMethod,
    scope: oauth.scope.trim() === "" ? preset.scopeExample : oauth.scope,
    extraAuthorizationParameters: parameterLines(
      preset.extraAuthorizationParameters.map(({ name, value }) => [name, value]),
    ),
    resourceIndicator: preset.resourceIndicator,
    registration: "PRE_REGISTERED",
    resource: "",
    issParameterRequired: false,
  };
}

/** Fills the section in from what is known about a provider; one press reverts it. */
export function useProviderPreset() {
  const { getValues, setValue, clearErrors } = useFormContext<McpServerInput>();
  return (preset: ProviderPreset) => {
    const before = getValues("oauth");
    const set = (oauth: OAuthClientInput) =>
      setValue("oauth", oauth, { shouldDirty: true, shouldTouch: true });
    set(withPreset(before, preset));
    clearErrors("oauth");
    toast.success(`Filled in for ${preset.name}`, {
      description: "Enter your client ID and client secret.",
      action: { label: "Undo", onClick: () => set(before) },
    });
  };
}

export function ProviderMenu() {
  const apply = useProviderPreset();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger>
        <Button size="sm">
          Fill in for a provider
          <ChevronDown aria-hidden="true" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {providerPresets.map((preset) => (
          <DropdownMenuItem key={preset.id} onSelect={() => apply(preset)}>
            {preset.name}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

export function ProviderNote({ preset }: { preset: ProviderPreset }) {
  return (
    <p className="text-muted text-sm">
      {preset.note ? `${preset.note} ` : ""}
      <TextLink href={preset.documentation} external>
        {preset.name}’s documentation
      </TextLink>
    </p>
  );
}
