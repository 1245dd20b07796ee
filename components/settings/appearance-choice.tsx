"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { RadioCards } from "@/components/ui/fields/radio-cards";

const choices = [
  { value: "system", title: "System", description: "Follows your device.", icon: <Monitor /> },
  { value: "light", title: "Light", description: "Always light.", icon: <Sun /> },
  { value: "dark", title: "Dark", description: "Always dark.", icon: <Moon /> },
] as const;

const never = () => () => undefined;

export function AppearanceChoice() {
  const { theme, setTheme } = useTheme();
  // The server does not know the theme: until the browser says it, no card is chosen.
  const known = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Theme</legend>
      <RadioCards<string>
        options={choices}
        value={known ? (theme ?? "system") : ""}
        onValueChange={setTheme}
        columns={3}
      />
    </fieldset>
  );
}
