import { PageTabs } from "@/components/ui/page-tabs";

const places = [
  { href: "/connections", label: "Mine" },
  { href: "/connections/everyone", label: "Everyone" },
] as const;

/** For an admin: members have only their own connections. */
export function ConnectionsNav() {
  return <PageTabs label="Whose connections" places={places} />;
}
