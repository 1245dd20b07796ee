"use client";

import { Menu } from "lucide-react";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { ChatToggleIcon } from "./chat-toggle";
import { Logo } from "./logo";
import type { Person } from "./person";

const load = () => import("./phone-navigation");
const PhoneNavigation = lazy(load);

/** The top bar of narrow windows: the navigation as a drawer, and the way into the chat. */
export function PhoneBar({ person }: { person: Person }) {
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center justify-between border-border border-b bg-background px-1.5 lg:hidden">
      <IconButton
        label="Open the navigation"
        size="lg"
        aria-haspopup="dialog"
        aria-expanded={open ?? false}
        onPointerDown={() => void load()}
        onClick={() => setOpen(true)}
      >
        <Menu aria-hidden="true" />
      </IconButton>
      <Link href="/" prefetch={false} aria-label="Usher, start page" className="flex rounded-md">
        <Logo />
      </Link>
      <ChatToggleIcon />
      {open === null ? null : (
        <Suspense fallback={null}>
          <PhoneNavigation person={person} open={open} onOpenChange={setOpen} />
        </Suspense>
      )}
    </header>
  );
}
