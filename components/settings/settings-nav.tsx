"use client";

import { PageTabs } from "@/components/ui/page-tabs";

const places: readonly { href: string; label: string; forAdmins?: true }[] = [
  { href: "/settings", label: "This installation", forAdmins: true },
  { href: "/settings/models", label: "Models", forAdmins: true },
  { href: "/settings/webhooks", label: "Webhooks", forAdmins: true },
  { href: "/settings/doctor", label: "Doctor", forAdmins: true },
  { href: "/settings/account", label: "Your account" },
  { href: "/settings/api-keys", label: "API keys" },
  { href: "/settings/api", label: "API" },
];

export function SettingsNav({ admin }: { admin: boolean }) {
  const shown = places.filter(({ forAdmins }) => admin || !forAdmins);
  return <PageTabs label="Settings" places={shown} />;
}
