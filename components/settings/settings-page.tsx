"use client";

import { useQuery } from "@tanstack/react-query";
import { LoadProblem } from "@/components/connections/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { settingsQuery } from "@/lib/queries/settings";
import { DeploymentSection } from "./deployment-section";
import { ModelSection } from "./model-section";
import { PublicUrlSection } from "./public-url-section";
import { RefreshSection } from "./refresh-section";
import { SettingsNav } from "./settings-nav";
import { SignInSection } from "./sign-in-section";

export function SettingsPage() {
  const query = useQuery(settingsQuery());
  const settings = query.data;

  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title="Settings"
          description="How this installation is configured and whether it works. The server’s environment variables set all of it."
        />
        <SettingsNav />
      </div>
      {settings ? (
        <div className="grid gap-8">
          <PublicUrlSection publicUrl={settings.publicUrl} callbackUrl={settings.callbackUrl} />
          <RefreshSection settings={settings} />
          <ModelSection model={settings.model} />
          <SignInSection publicUrl={settings.publicUrl} oidcIssuer={settings.oidcIssuer} />
          <DeploymentSection settings={settings} />
        </div>
      ) : query.isError ? (
        <LoadProblem
          title="The settings could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <SettingsSkeleton />
      )}
    </Page>
  );
}

function SettingsSkeleton() {
  return (
    <div className="grid gap-8">
      <p role="status" className="sr-only">
        Loading
      </p>
      {["h-52", "h-28", "h-24"].map((height) => (
        <div key={height} className="grid gap-3">
          <div className="grid gap-1.5">
            <Skeleton className="w-32" />
            <Skeleton className="w-full max-w-96" />
          </div>
          <div className={`grid content-start gap-4 rounded-lg border border-border p-4 ${height}`}>
            <Skeleton className="w-2/3" />
            <Skeleton className="w-1/2" />
          </div>
        </div>
      ))}
    </div>
  );
}
