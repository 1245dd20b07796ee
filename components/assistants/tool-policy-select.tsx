import { ChevronDown } from "lucide-react";
import { cn } from "@/components/ui/class-names";
import { controlStyles } from "@/components/ui/fields/input";
import type { ToolPolicy } from "@/lib/contracts/servers/tool-policy";

const policyLabels: Record<ToolPolicy, string> = {
  ASK: "Always asks",
  ALWAYS: "Runs without asking",
  NEVER: "Never runs",
};

/** The browser's own control: there may be hundreds of these on the page. */
export function ToolPolicySelect({
  toolName,
  readOnly,
  policy,
  offersNever,
  onChange,
}: {
  toolName: string;
  readOnly: boolean;
  policy: ToolPolicy | null;
  offersNever: boolean;
  onChange: (policy: ToolPolicy | null) => void;
}) {
  const policies = (["ASK", "ALWAYS", "NEVER"] as const).filter(
    (each) => each !== "NEVER" || offersNever || policy === "NEVER",
  );
  return (
    <PolicyControl
      label={`When ${toolName} runs`}
      value={policy ?? ""}
      quiet={policy === null}
      onChange={(value) => onChange(policies.find((each) => each === value) ?? null)}
    >
      <option value="">Default: {readOnly ? "runs without asking" : "asks first"}</option>
      {policies.map((each) => (
        <option key={each} value={each}>
          {policyLabels[each]}
        </option>
      ))}
    </PolicyControl>
  );
}

/** Sets the policy of many tools at once. It has no state itself. */
export function BulkPolicySelect({
  label,
  serverName,
  offersNever,
  onChange,
}: {
  label: string;
  serverName: string;
  offersNever: boolean;
  onChange: (policy: ToolPolicy | null) => void;
}) {
  return (
    <PolicyControl
      label={`${label} (tools of ${serverName})`}
      value="none"
      quiet
      onChange={(value) =>
        onChange(value === "ASK" || value === "ALWAYS" || value === "NEVER" ? value : null)
      }
    >
      <option value="none" disabled hidden>
        {label}
      </option>
      <option value="">Default: read-only tools run, others ask first</option>
      <option value="ASK">{policyLabels.ASK}</option>
      <option value="ALWAYS">{policyLabels.ALWAYS}</option>
      {offersNever ? <option value="NEVER">{policyLabels.NEVER}</option> : null}
    </PolicyControl>
  );
}

function PolicyControl({
  label,
  value,
  quiet,
  onChange,
  children,
}: {
  label: string;
  value: string;
  quiet: boolean;
  onChange: (value: string) => void;
  children: React.ReactNode;
}) {
  return (
    <span className="relative flex w-44 shrink-0">
      <select
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={cn(
          controlStyles,
          "h-7 w-full cursor-default appearance-none truncate pr-7 pl-2 text-xs pointer-coarse:h-9",
          quiet && "text-muted",
        )}
      >
        {children}
      </select>
      <ChevronDown
        aria-hidden="true"
        className="pointer-events-none absolute inset-y-0 right-1.5 my-auto size-4 text-faint"
      />
    </span>
  );
}
