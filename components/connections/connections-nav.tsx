import { PageTabs } from "@/components/ui/page-tabs";

const places = [
  { href: "/connections", label: "Mine" },
  { href: "/connections/everyone", label: "Everyone" },
] as const;

/** Of an admin: members have their own connections alone. */
export function ConnectionsNav() {
  return <PageTabs label="Whose connections" places={places} />;
}
