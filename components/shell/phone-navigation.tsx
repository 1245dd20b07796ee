"use client";

import { X } from "lucide-react";
import GetStartedEntry from "@/components/get-started/get-started-entry";
import { IconButton } from "@/components/ui/button";
import { Sheet } from "@/components/ui/overlay/sheet";
import { Logo } from "./logo";
import { Navigation, type Person } from "./navigation";
import { UserMenu } from "./user-menu";

/** The navigation as a drawer. */
export default function PhoneNavigation({
  person,
  open,
  onOpenChange,
}: {
  person: Person;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      side="left"
      title="Navigation"
      hideTitle
      className="w-72 bg-background"
    >
      <div className="flex min-h-full flex-col gap-4 p-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <div className="flex items-center justify-between pl-2">
          <Logo />
          <IconButton label="Close the navigation" onClick={() => onOpenChange(false)}>
            <X aria-hidden="true" />
          </IconButton>
        </div>
        <div className="flex-1">
          <Navigation
            person={person}
            getStarted={
              person.getStarted ? (
                <GetStartedEntry first={person.getStarted} onNavigate={() => onOpenChange(false)} />
              ) : null
            }
            onNavigate={() => onOpenChange(false)}
          />
        </div>
        <UserMenu person={person} />
      </div>
    </Sheet>
  );
}
