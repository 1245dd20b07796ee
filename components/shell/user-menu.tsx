"use client";

import { lazy, Suspense, useState } from "react";
import type { Person } from "./navigation";
import { UserMenuButton } from "./user-menu-button";

const load = () => import("./user-menu-content");
const UserMenuContent = lazy(load);

/** The menu's code loads when a pointer or the focus comes near. */
export function UserMenu({ person }: { person: Person }) {
  const [asked, setAsked] = useState(false);
  const closed = (
    <UserMenuButton
      person={person}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setAsked(true)}
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        setAsked(true);
      }}
    />
  );
  if (!asked) return closed;
  return (
    <Suspense fallback={closed}>
      <UserMenuContent person={person} />
    </Suspense>
  );
}
